/**
 * @since 0.1.0
 */
export * as SchemaServer from "./SchemaServer.js"
export * as TestServer from "./TestServer.js"
