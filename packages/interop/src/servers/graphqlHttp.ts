/** graphql-http's handler. */
import { createHandler } from "graphql-http/lib/use/http"
import { schema } from "../schema.js"
import { httpServer, isAuthorized, listen, type Start } from "./server.js"

export const start: Start = async (port, options) => {
  const handle = createHandler({
    schema,
    onSubscribe: ({ raw }) =>
      isAuthorized(options, raw.headers.authorization)
        ? undefined
        : [null, { status: 401, statusText: "Unauthorized" }]
  })
  await listen(httpServer(handle), port)
}
