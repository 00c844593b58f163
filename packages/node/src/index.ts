/**
 * @since 0.1.0
 */
export * as NodeWire from "./NodeWire.js"
