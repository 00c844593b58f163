/**
 * A GraphQL server like anybody's, on graphql-ws. It keeps a record of what it sees of its clients.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { buildSchema } from "graphql"
import { useServer } from "graphql-ws/use/ws"
import * as Http from "node:http"
import { type RawData, WebSocketServer } from "ws"
import { type CannotListen, listen } from "./loopback.js"
import { typeDefs } from "./schema.js"

export const path = "/graphql"

const schema = buildSchema(typeDefs)

const pace = 200

const events = ({ first }: { readonly first?: number }): AsyncIterable<object> => {
  const all = Stream.fromSchedule(Schedule.spaced(pace)).pipe(
    Stream.map((index) => ({ events: { number: index + 1, at: Date.now() } }))
  )
  return Stream.toAsyncIterable(first === undefined ? all : Stream.take(all, first))
}

/** Every event has its time, so nothing need be kept to tell of those that were before. */
const journal =
  (start: number) =>
  ({ after }: { readonly after?: number | null }): AsyncIterable<object> => {
    const published = Math.floor((Date.now() - start) / pace)
    return Stream.iterate((after ?? published) + 1, (number) => number + 1).pipe(
      Stream.mapEffect((number) => {
        const at = start + number * pace
        return Effect.as(Effect.sleep(Math.max(0, at - Date.now())), { journal: { number, at } })
      }),
      Stream.toAsyncIterable
    )
  }

/** What the server saw of one client. */
export interface SeenClient {
  /** The types of its messages, in order. */
  readonly messages: ReadonlyArray<string>
  /** The code it closed with; 1006 if it left without one. */
  readonly closeCode: Deferred.Deferred<number>
}

export interface Server {
  readonly port: number
  /** Every client, in the order in which they came. */
  readonly clients: Queue.Dequeue<SeenClient>
}

/** The server, until the scope closes. */
export const make: Effect.Effect<Server, CannotListen, Scope.Scope> = Effect.gen(function* () {
  const clients = yield* Queue.unbounded<SeenClient>()
  const http = Http.createServer((_, response) => response.writeHead(426).end())
  const sockets = new WebSocketServer({ server: http, path })

  sockets.on("connection", (socket) => {
    const messages: Array<string> = []
    const closeCode = Deferred.unsafeMake<number>(FiberId.none)
    socket.on("message", (frame) => messages.push(typeOf(frame)))
    socket.on("close", (code) => Deferred.unsafeDone(closeCode, Effect.succeed(code)))
    Queue.unsafeOffer(clients, { messages, closeCode })
  })
  const subscription = { events, journal: journal(Date.now()) }
  useServer({ schema, roots: { query: { pace }, subscription } }, sockets)

  const port = yield* listen(http)
  // Before their sockets are destroyed, or graphql-ws might write to one, and complain of it.
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      for (const socket of sockets.clients) socket.terminate()
    })
  )
  return { port, clients }
})

const Message = Schema.parseJson(Schema.Struct({ type: Schema.String }))

const typeOf = (frame: RawData): string =>
  Option.match(Schema.decodeUnknownOption(Message)(String(frame)), {
    onNone: () => "no message",
    onSome: ({ type }) => type
  })
