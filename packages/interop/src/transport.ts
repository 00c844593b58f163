/**
 * The ways to a server, by the names under which they are told. `legacy` is a WebSocket too, and speaks the
 * subprotocol of subscriptions-transport-ws.
 */
export const transports = ["websocket", "legacy", "http", "sse", "sse-single", "multipart"] as const
export type Transport = (typeof transports)[number]

/** Those that a subscription comes over and nothing else: queries and mutations go by HTTP. */
export const isStreamOnly = (transport: Transport): boolean =>
  transport === "sse" || transport === "sse-single" || transport === "multipart"
