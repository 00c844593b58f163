/** NestJS with its driver for Apollo Server, on express. There is nothing in it but its GraphQL module. */
import { ApolloDriver, type ApolloDriverConfig } from "@nestjs/apollo"
import { NestFactory } from "@nestjs/core"
import { GraphQLModule } from "@nestjs/graphql"
import { GraphQLError } from "graphql"
import type { IncomingMessage } from "node:http"
import "reflect-metadata"
import { schema } from "../schema.js"
import { host, isAuthorized, isPayloadAuthorized, path, type Start } from "./server.js"
import { uploads } from "./uploads.js"

export const start: Start = async (port, options) => {
  const graphql = GraphQLModule.forRoot<ApolloDriverConfig>({
    driver: ApolloDriver,
    path,
    schema,
    allowBatchedHttpRequests: true,
    includeStacktraceInErrorResponses: false,
    playground: false,
    // Also of what comes by a WebSocket, which `onConnect` has let in.
    context: ({ req }: { readonly req?: IncomingMessage }) => {
      if (req === undefined || isAuthorized(options, req.headers.authorization)) return {}
      throw new GraphQLError("not authorized", {
        extensions: { code: "UNAUTHENTICATED", http: { status: 401 } }
      })
    },
    subscriptions: {
      "graphql-ws": {
        path,
        onConnect: ({ connectionParams }) => isPayloadAuthorized(options, connectionParams)
      }
    }
  })
  const application = await NestFactory.create(graphql, { logger: false })
  application.use(path, uploads)
  await application.listen(port, host)
}
