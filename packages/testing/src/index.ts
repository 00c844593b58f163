/**
 * @since 0.1.0
 */
export * as NetworkFaults from "./NetworkFaults.js"
export * as SchemaServer from "./SchemaServer.js"
export * as SimulatedNetwork from "./SimulatedNetwork.js"
export * as TestHttpServer from "./TestHttpServer.js"
export * as TestServer from "./TestServer.js"
export * as VirtualTime from "./VirtualTime.js"
