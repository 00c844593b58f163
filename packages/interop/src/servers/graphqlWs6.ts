/** graphql-ws 6 on ws. */
import { useServer } from "graphql-ws-6/use/ws"
import { WebSocketServer } from "ws"
import { execute, schema } from "./incremental.js"
import { httpServer, isPayloadAuthorized, listen, path, type Start } from "./server.js"

export const start: Start = async (port, options) => {
  const server = httpServer()
  // `false` has it close with 4403.
  useServer(
    {
      schema,
      execute,
      onConnect: ({ connectionParams }) => isPayloadAuthorized(options, connectionParams)
    },
    new WebSocketServer({ server, path })
  )
  await listen(server, port)
}
