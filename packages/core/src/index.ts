/**
 * The protocol of a GraphQL connection, without a clock, a socket or a runtime.
 *
 * @since 0.1.0
 */
export * as CloseCode from "./CloseCode.js"
export * as ConnectionState from "./ConnectionState.js"
export * as GraphQLTransportWs from "./GraphQLTransportWs.js"
export * as Keepalive from "./Keepalive.js"
export type * as Message from "./Message.js"
export type * as Subprotocol from "./Subprotocol.js"
export * as UpgradeStatus from "./UpgradeStatus.js"
