/** Apollo Server 5 on express 5, with subscriptions by graphql-ws as its guide has it. */
import { ApolloServer } from "@apollo/server-5"
import { expressMiddleware } from "@as-integrations/express5"
import express from "express"
import { GraphQLError } from "graphql"
import { useServer } from "graphql-ws-6/use/ws"
import { WebSocketServer } from "ws"
import { schema } from "./incremental.js"
import {
  httpServer,
  isAuthorized,
  isPayloadAuthorized,
  listen,
  path,
  type Start
} from "./server.js"
import { uploads } from "./uploads.js"

export const start: Start = async (port, options) => {
  const apollo = new ApolloServer({
    schema,
    allowBatchedHttpRequests: true,
    includeStacktraceInErrorResponses: false
  })
  await apollo.start()
  const app = express()
  app.use(
    path,
    express.json(),
    uploads,
    expressMiddleware(apollo, {
      context: async ({ req }) => {
        if (isAuthorized(options, req.headers.authorization)) return {}
        throw new GraphQLError("not authorized", {
          extensions: { code: "UNAUTHENTICATED", http: { status: 401 } }
        })
      }
    })
  )
  const server = httpServer(app)
  useServer(
    {
      schema,
      onConnect: ({ connectionParams }) => isPayloadAuthorized(options, connectionParams)
    },
    new WebSocketServer({ server, path })
  )
  await listen(server, port)
}
