/**
 * The ways to a server, by the names under which they are told. `legacy` is a WebSocket too, and speaks the
 * subprotocol of subscriptions-transport-ws.
 */
const common = ["websocket", "legacy", "http", "sse", "sse-single", "multipart"] as const

/** Those that one world of servers speaks, and no other: Phoenix's, Rails', Amazon's. */
export type Particular =
  "phoenix" | "phoenix-v1" | "actioncable" | "appsync" | "appsync-token" | "appsync-iam"

export type Transport = (typeof common)[number] | Particular

/** What is tried of a server that is not of a world of its own. */
export const transports: ReadonlyArray<Transport> = common

/** Those that a subscription comes over and nothing else: queries and mutations go by HTTP. */
export const isStreamOnly = (transport: Transport): boolean =>
  transport === "sse" || transport === "sse-single" || transport === "multipart"

/** Those of AppSync, by what authorizes: an API key, a token, or a signature. */
export const isAppSync = (
  transport: Transport
): transport is "appsync" | "appsync-token" | "appsync-iam" => transport.startsWith("appsync")

/** Those where a subscription goes another way than a query, whether or not both are tried at once. */
export const subscribesApart = (transport: Transport): boolean =>
  isStreamOnly(transport) || isAppSync(transport)

/** Those whose servers do not say that a subscription is over. */
export const isEndless = (transport: Transport): boolean =>
  transport === "phoenix" || transport === "phoenix-v1" || isAppSync(transport)
