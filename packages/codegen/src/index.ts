/**
 * A plugin and a preset of GraphQL Code Generator: Effect Schemas and Fiberline operations from a schema
 * and its documents.
 *
 * @since 0.1.0
 */
export type { Config, PersistedDocuments, PresetConfig, ScalarMapping } from "./config.js"
export type { HashAlgorithm } from "./documents.js"
export { plugin, validate } from "./plugin.js"
export { preset } from "./preset.js"
