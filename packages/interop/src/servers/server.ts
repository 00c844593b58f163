/** What each module here exports as `start`, and what they share. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"

export interface Options {
  /** Whether only those who give the credentials are served. */
  readonly auth: boolean
  /** Where its PostgreSQL is, for one that needs it. */
  readonly database?: string
}

/** Serves on a port of this machine until its process ends. */
export type Start = (port: number, options: Options) => Promise<void>

export const host = "127.0.0.1"
export const path = "/graphql"

export const credentials = "Bearer good"

/** Of a value that a header or a connection's payload has, or has not. */
export const isAuthorized = ({ auth }: Options, authorization: unknown): boolean =>
  !auth || authorization === credentials

/** Of whatever `connection_init` carried. */
export const isPayloadAuthorized = (options: Options, payload: unknown): boolean =>
  isAuthorized(
    options,
    typeof payload === "object" && payload !== null && "authorization" in payload
      ? payload.authorization
      : undefined
  )

/** Of a handler, or of none: for what speaks WebSocket alone. */
export const httpServer = (
  handle: (request: IncomingMessage, response: ServerResponse) => unknown = (_, response) =>
    response.writeHead(426).end()
): Server => createServer((request, response) => void handle(request, response))

export const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen(port, host, resolve)
  })
