/**
 * @since 0.1.0
 */
export type * as ClientOptions from "./ClientOptions.js"
export * as GraphQLClient from "./GraphQLClient.js"
export * as Metrics from "./Metrics.js"
export * as NetworkError from "./NetworkError.js"
export * as Operation from "./Operation.js"
export * as OperationError from "./OperationError.js"
export * as ProtocolError from "./ProtocolError.js"
export * as NetworkMonitor from "./NetworkMonitor.js"
export * as Reconnect from "./Reconnect.js"
export * as Status from "./Status.js"
export * as Subscription from "./Subscription.js"
export type * as Subscriptions from "./Subscriptions.js"
export * as WebSocketWire from "./WebSocketWire.js"
export * as Wire from "./Wire.js"
