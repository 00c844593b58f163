/**
 * The protocols of GraphQL on the wire, without a clock, a socket or a runtime.
 *
 * @since 0.1.0
 */
export * as Absinthe from "./Absinthe.js"
export * as ActionCable from "./ActionCable.js"
export * as AppSync from "./AppSync.js"
export * as CloseCode from "./CloseCode.js"
export * as ConnectionState from "./ConnectionState.js"
export * as EventStream from "./EventStream.js"
export * as GraphQLOverHttp from "./GraphQLOverHttp.js"
export * as GraphQLSse from "./GraphQLSse.js"
export * as GraphQLTransportWs from "./GraphQLTransportWs.js"
export * as IncrementalDelivery from "./IncrementalDelivery.js"
export * as Keepalive from "./Keepalive.js"
export type * as Message from "./Message.js"
export * as MultipartMixed from "./MultipartMixed.js"
export * as MultipartSubscription from "./MultipartSubscription.js"
export * as OperationState from "./OperationState.js"
export * as PersistedQuery from "./PersistedQuery.js"
export * as Subprotocol from "./Subprotocol.js"
export * as SubscriptionsTransportWs from "./SubscriptionsTransportWs.js"
export * as UpgradeStatus from "./UpgradeStatus.js"
export * as Upload from "./Upload.js"
