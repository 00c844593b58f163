/**
 * Fiberline for AWS AppSync. `Iam` is imported by its own name, for what it needs.
 *
 * @since 0.1.0
 */
export * as AppSync from "./AppSync.js"
export * as Authorization from "./Authorization.js"
export * as Realtime from "./Realtime.js"
