/** Servers for the tests of `--url`: those that behave, and those that do not. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import { buildSchema, execute, subscribe } from "graphql"
import { useServer } from "graphql-ws/use/ws"
import * as Http from "node:http"
import { SubscriptionServer } from "subscriptions-transport-ws"
import { type WebSocket, WebSocketServer } from "ws"
import { listen } from "../../src/demo/loopback.js"

/** Sends back what it was told in confidence, as data or as an error. */
export const echo = Effect.gen(function* () {
  const schema = buildSchema(`
    type Query { a: Int }
    type Subscription { echo: [String!]! refuse: String! }
  `)
  async function* once<A>(value: A): AsyncGenerator<A> {
    yield value
  }
  const http = Http.createServer()
  useServer(
    {
      schema,
      context: ({ connectionParams, extra }) => [
        String(extra.request.headers.authorization),
        String(connectionParams?.["token"])
      ],
      roots: {
        subscription: {
          echo: (_: object, secrets: ReadonlyArray<string>) => once({ echo: secrets }),
          refuse: (_: object, secrets: ReadonlyArray<string>) => {
            throw new Error(`no access with ${secrets.join(" and ")}`)
          }
        }
      }
    },
    new WebSocketServer({ server: http })
  )
  return { url: `ws://127.0.0.1:${yield* listen(http)}/` }
})

/** subscriptions-transport-ws itself, which speaks the legacy protocol and no other. */
export const legacy = Effect.gen(function* () {
  const schema = buildSchema("type Query { hello: String } type Subscription { count: Int! }")
  const rootValue = {
    hello: "world",
    async *count() {
      yield { count: 1 }
      yield { count: 2 }
    }
  }
  const http = Http.createServer()
  SubscriptionServer.create({ schema, rootValue, execute, subscribe }, { server: http })
  return { url: `ws://127.0.0.1:${yield* listen(http)}/` }
})

/** Acknowledges every connection, and then does what it is told to. */
export const acknowledging = (then: (socket: WebSocket) => void) =>
  Effect.gen(function* () {
    const http = Http.createServer()
    const closed = Deferred.unsafeMake<number>(FiberId.none)
    new WebSocketServer({ server: http, handleProtocols: () => "graphql-transport-ws" }).on(
      "connection",
      (socket) => {
        socket.once("message", () => {
          socket.send('{"type":"connection_ack"}')
          then(socket)
        })
        socket.on("close", (code) => Deferred.unsafeDone(closed, Effect.succeed(code)))
      }
    )
    return { url: `ws://127.0.0.1:${yield* listen(http)}/`, closed }
  })
