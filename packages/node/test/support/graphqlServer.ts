/** A real schema behind `graphql-ws`, the protocol's reference implementation. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { buildSchema } from "graphql"
import { useServer } from "graphql-ws/use/ws"
import { createServer, type IncomingHttpHeaders } from "node:http"
import { createServer as createTlsServer, type ServerOptions as TlsOptions } from "node:https"
import { setTimeout as delay } from "node:timers/promises"
import { type ServerOptions, type WebSocket, WebSocketServer } from "ws"
import { type Address, listen } from "./servers.js"

const schema = buildSchema(/* GraphQL */ `
  type Query {
    hello(name: String! = "world"): String!
    boom: String
    text(length: Int!): String!
  }
  type Mutation {
    add(amount: Int!): Int!
  }
  type Subscription {
    "From 1 to \`to\`, one every so many milliseconds."
    count(to: Int!, every: Int! = 0): Int!
    "Numbers without end."
    ticks(every: Int! = 20): Int!
    "As many as the link takes, each with so many characters of ballast."
    flood(to: Int!, ballast: Int!): Event!
  }
  type Event {
    n: Int!
    ballast: String!
  }
`)

export interface GraphQLServer extends Address {
  /** Of each connection, in order. */
  readonly headers: Array<IncomingHttpHeaders>
  readonly payloads: Array<{ readonly [name: string]: unknown } | undefined>
  readonly closeCodes: Array<number>
  /** Every message received. */
  readonly received: Array<{ readonly type: string; readonly id?: string }>
  /** How many events of `flood` were asked for: those before the last have been written. */
  readonly flooded: () => number
  readonly connections: () => ReadonlyArray<WebSocket>
}

export const graphqlServer = (
  options: {
    readonly tls?: TlsOptions
    readonly ws?: ServerOptions
    /** Default: a free one. */
    readonly port?: number
  } = {}
): Effect.Effect<GraphQLServer, never, Scope.Scope> =>
  Effect.gen(function* () {
    const headers: GraphQLServer["headers"] = []
    const payloads: GraphQLServer["payloads"] = []
    const received: GraphQLServer["received"] = []
    const closeCodes: Array<number> = []
    let sum = 0
    let flooded = 0

    const http = options.tls ? createTlsServer(options.tls) : createServer()
    const address = yield* listen(http, options.tls ? "wss" : "ws", options.port)
    const wss = new WebSocketServer({ ...options.ws, server: http })
    // Before their sockets are destroyed, or graphql-ws would write to one that is.
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        for (const ws of wss.clients) ws.terminate()
      })
    )
    wss.on("connection", (ws, request) => {
      headers.push(request.headers)
      ws.on("message", (data) => received.push(JSON.parse(String(data))))
      ws.on("close", (code) => closeCodes.push(code))
    })
    useServer(
      {
        schema,
        roots: {
          query: {
            hello: ({ name }: { name: string }) => `hello ${name}`,
            text: ({ length }: { length: number }) => "x".repeat(length),
            boom: () => {
              throw new Error("boom")
            }
          },
          mutation: { add: ({ amount }: { amount: number }) => (sum += amount) },
          subscription: {
            count: async function* ({ every, to }: { every: number; to: number }) {
              for (let count = 1; count <= to; count++) {
                if (every > 0) await delay(every)
                yield { count }
              }
            },
            ticks: async function* ({ every }: { every: number }) {
              for (let ticks = 1; ; ticks++) {
                await delay(every)
                yield { ticks }
              }
            },
            flood: async function* ({ ballast, to }: { ballast: number; to: number }) {
              const text = "x".repeat(ballast)
              for (let n = 1; n <= to; n++) {
                flooded = n
                yield { flood: { n, ballast: text } }
              }
            }
          }
        },
        onConnect: ({ connectionParams }) => {
          payloads.push(connectionParams)
          return { greeting: "welcome" }
        }
      },
      wss,
      // The client's own keepalive is on trial, without help from pings of the server's.
      0
    )
    return {
      ...address,
      headers,
      payloads,
      received,
      closeCodes,
      flooded: () => flooded,
      connections: () => Array.from(wss.clients)
    }
  })
