/**
 * GraphQL servers like anybody's, on graphql-ws: one for each of some endpoints, in one process, as on
 * a machine that can be stopped and killed. What they know is a function of the clock, so a process
 * that comes after one that was killed goes on where it was.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { buildSchema, type DocumentNode, type ExecutionArgs, parse } from "graphql"
import type { SubscribePayload } from "graphql-ws"
import { useServer } from "graphql-ws/use/ws"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { WebSocketServer } from "ws"
import { now } from "../clock.js"
import { obeyToTheEnd, tell } from "../lines.js"
import { head, publishedAt, textOf } from "./log.js"
import { Command, Event, type Lie } from "./serverMessages.js"

const schema = buildSchema(`
  type Query {
    "What it was asked for."
    echo(text: String!): String!
  }
  type Mutation {
    "The key that it was given."
    execute(key: Int!): Int!
  }
  type Subscription {
    "The log, from after this event, or from now on."
    event(after: Int): Event!
  }
  type Event {
    number: Int!
    text: String!
  }
`)

const say = tell(Event)

// graphql-ws reports each answer to somebody who has just gone, as here everybody does all the time.
const { error: report } = console
console.error = (...what: ReadonlyArray<unknown>) => {
  if (!what.some((error) => error instanceof Error && "syscall" in error)) report(...what)
}

const events = (endpoint: number, epoch: number, lie: Lie | null, after: number) => {
  const numbers = Stream.iterate(after + 1, (number) => number + 1).pipe(
    Stream.tap((number) =>
      Effect.suspend(() => {
        const wait = publishedAt(epoch, endpoint, number) - now()
        return wait > 0 ? Effect.sleep(wait) : Effect.void
      })
    )
  )
  return Stream.mapConcat(numbers, (number) => {
    const event = { event: { number, text: textOf(endpoint, number) } }
    if (lie === "altered") return [{ event: { number, text: "something else" } }]
    if (lie === "repeated") return [event, event]
    return lie === "skipped" && number % 2 === 0 ? [] : [event]
  })
}

/** Read once rather than a thousand times: it is always the same few. */
const documents = new Map<string, DocumentNode>()

const onSubscribe = (
  _context: unknown,
  _id: string,
  { operationName, query, variables }: SubscribePayload
): Omit<ExecutionArgs, "rootValue"> => {
  const document = documents.get(query) ?? parse(query)
  documents.set(query, document)
  return { schema, document, operationName, variableValues: variables }
}

/** A server, and the port that it listens on. */
const serve = (endpoint: number, { epoch, lie }: Command): Effect.Effect<number> =>
  Effect.async((resume) => {
    const http = createServer((_, response) => response.writeHead(426).end())
    const webSockets = new WebSocketServer({ server: http, perMessageDeflate: false })
    const roots = {
      query: { echo: ({ text }: { readonly text: string }) => text },
      mutation: {
        execute: ({ key }: { readonly key: number }) => {
          // Said before it is answered, so that nobody hears the answer first.
          say({ _tag: "Executed", endpoint, key })
          if (lie === "twice") say({ _tag: "Executed", endpoint, key })
          return key
        }
      },
      subscription: {
        event: ({ after }: { readonly after?: number | null }) =>
          Stream.toAsyncIterable(
            events(endpoint, epoch, lie, after ?? head(epoch, endpoint, now()))
          )
      }
    }
    // It never pings, so that the client's keepalive is on trial without help.
    useServer({ schema, roots, onSubscribe, connectionInitWaitTimeout: 60_000 }, webSockets, 0)
    http.listen(0, "127.0.0.1", () => {
      // Type boundary: the address of a server that listens on a TCP port.
      resume(Effect.succeed((http.address() as AddressInfo).port))
    })
  })

const handle = (command: Command): Effect.Effect<void> =>
  Effect.map(
    Effect.forEach(command.endpoints, (endpoint) => serve(endpoint, command)),
    (ports) => say({ _tag: "Listening", ports })
  )

obeyToTheEnd(Command, handle)
