/**
 * @since 0.1.0
 */
export type * as ClientOptions from "./ClientOptions.js"
export * as GraphQLClient from "./GraphQLClient.js"
export * as NetworkError from "./NetworkError.js"
export * as Operation from "./Operation.js"
export * as OperationError from "./OperationError.js"
export * as ProtocolError from "./ProtocolError.js"
export type * as Subscription from "./Subscription.js"
export * as WebSocketWire from "./WebSocketWire.js"
export * as Wire from "./Wire.js"
