/** The ways to a server, by the names under which they are told. */
export const transports = ["websocket", "http", "sse", "sse-single", "multipart"] as const
export type Transport = (typeof transports)[number]

/** Those that a subscription comes over and nothing else: queries and mutations go by HTTP. */
export const isStreamOnly = (transport: Transport): boolean =>
  transport === "sse" || transport === "sse-single" || transport === "multipart"
