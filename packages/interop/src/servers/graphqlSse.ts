/** graphql-sse's handler, in both of its modes: it tells them apart by the stream's token. */
import { createHandler } from "graphql-sse/lib/use/http"
import { randomUUID } from "node:crypto"
import { execute, schema } from "./incremental.js"
import { httpServer, isAuthorized, listen, type Start } from "./server.js"

export const start: Start = async (port, options) => {
  const handle = createHandler({
    schema,
    execute,
    authenticate: (request) =>
      isAuthorized(options, request.headers.get("authorization"))
        ? (request.headers.get("x-graphql-event-stream-token") ?? randomUUID())
        : [null, { status: 401, statusText: "Unauthorized" }]
  })
  await listen(httpServer(handle), port)
}
