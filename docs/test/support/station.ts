/** The server that the examples talk to: a weather station, served by graphql-ws over real sockets. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { buildSchema } from "graphql"
import { useServer } from "graphql-ws/use/ws"
import type { AddressInfo } from "node:net"
import { setTimeout } from "node:timers/promises"
import { WebSocketServer } from "ws"

const schema = buildSchema(`
  type Query {
    station: String!
    humidity: Float
    balance: Float
  }
  type Mutation {
    calibrate(offset: Float!): Float!
  }
  type Subscription {
    temperature: Float!
  }
`)

/** What a client shows in order to see its balance. */
export const token = "a token for the examples"

const roots = {
  query: {
    station: () => "Ben Nevis",
    balance: (_: unknown, payload: { readonly token?: unknown }) =>
      payload.token === token ? 12.5 : null,
    humidity: () => {
      throw new Error("the sensor is wet")
    }
  },
  mutation: { calibrate: ({ offset }: { readonly offset: number }) => offset },
  subscription: {
    async *temperature() {
      for (let temperature = 20; ; temperature += 0.5) {
        yield { temperature }
        await setTimeout(5)
      }
    }
  }
}

export interface Station {
  readonly url: string
  /** How many clients are connected. */
  readonly clients: () => number
}

export const station: Effect.Effect<Station, never, Scope.Scope> = Effect.acquireRelease(
  Effect.async<WebSocketServer>((resume) => {
    const server: WebSocketServer = new WebSocketServer({ host: "127.0.0.1", port: 0 }, () =>
      resume(Effect.succeed(server))
    )
    useServer({ schema, roots, context: ({ connectionParams }) => connectionParams ?? {} }, server)
  }),
  (server) =>
    Effect.async<void>((resume) => {
      for (const socket of server.clients) socket.terminate()
      server.close(() => resume(Effect.void))
    })
).pipe(
  Effect.map((server) => {
    // Type boundary: a server that listens on TCP has an address and a port.
    const { port } = server.address() as AddressInfo
    return { url: `ws://127.0.0.1:${port}/graphql`, clients: () => server.clients.size }
  })
)
