/** graphql-yoga: HTTP and event streams of its own, and WebSockets by graphql-ws as its guide has it. */
import { useAPQ } from "@graphql-yoga/plugin-apq"
import { useDeferStream } from "@graphql-yoga/plugin-defer-stream"
import { useServer } from "graphql-ws-6/use/ws"
import type { ExecutionArgs } from "graphql"
import type { ServerOptions } from "graphql-ws-6"
import { createYoga, type Plugin } from "graphql-yoga"
import { WebSocketServer } from "ws"
import { schema } from "../schema.js"
import {
  httpServer,
  isAuthorized,
  isPayloadAuthorized,
  listen,
  path,
  type Start
} from "./server.js"

interface Executor {
  readonly execute: NonNullable<ServerOptions["execute"]>
  readonly subscribe: NonNullable<ServerOptions["subscribe"]>
}

// Type boundary: what `onSubscribe` below puts there.
const executorOf = ({ rootValue }: ExecutionArgs) => rootValue as Executor

export const start: Start = async (port, options) => {
  const guard: Plugin = {
    onRequest: ({ endResponse, fetchAPI, request }) => {
      if (!isAuthorized(options, request.headers.get("authorization"))) {
        endResponse(new fetchAPI.Response(null, { status: 401 }))
      }
    }
  }
  const yoga = createYoga({
    schema,
    graphqlEndpoint: path,
    plugins: [guard, useDeferStream(), useAPQ()],
    batching: true,
    logging: false
  })
  const server = httpServer(yoga)
  useServer(
    {
      execute: (args) => executorOf(args).execute(args),
      subscribe: (args) => executorOf(args).subscribe(args),
      onSubscribe: async ({ extra }, _, params) => {
        const { contextFactory, execute, parse, schema, subscribe, validate } = yoga.getEnveloped({
          req: extra.request,
          socket: extra.socket,
          params
        })
        const document = parse(params.query)
        const errors = validate(schema, document)
        if (errors.length > 0) return errors
        return {
          schema,
          document,
          operationName: params.operationName,
          variableValues: params.variables,
          contextValue: await contextFactory(),
          rootValue: { execute, subscribe }
        }
      },
      onConnect: ({ connectionParams }) => isPayloadAuthorized(options, connectionParams)
    },
    new WebSocketServer({ server, path })
  )
  await listen(server, port)
}
