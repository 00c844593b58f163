/** The three ways in which a subscription comes over HTTP, as the server sees them. */
import { assert } from "@effect/vitest"
import type * as TestHttpServer from "@fiberline/testing/TestHttpServer"
import * as Effect from "effect/Effect"
import type { Options } from "./httpScenario.js"

type Server = TestHttpServer.TestHttpServer

/** A subscription that the server has taken on. */
export interface Carried {
  /** What the client asked for. */
  readonly request: {
    readonly query: string
    readonly variables?: unknown
    readonly extensions?: { readonly [key: string]: unknown }
  }
  readonly headers: TestHttpServer.TestRequest["headers"]
  readonly body: TestHttpServer.TestBody
  /** Ends when the client has aborted the response that carries it. */
  readonly aborted: Effect.Effect<void>
  readonly next: (payload: unknown) => Effect.Effect<void>
  readonly complete: Effect.Effect<void>
  /** What keeps the link alive and says nothing else. */
  readonly heartbeat: Effect.Effect<void>
  /** A message that is none. */
  readonly malformed: Effect.Effect<void>
}

export interface Carrier {
  readonly name: string
  readonly options: Options
  /** The media type of its response. */
  readonly contentType: string
  /** Of how many requests it is made. */
  readonly requests: number
  /** The first request of a subscription: what a server that refuses does refuse. */
  readonly first: (server: Server) => Effect.Effect<TestHttpServer.TestRequest>
  /** Takes on the next subscription, from its first request on. */
  readonly accept: (server: Server) => Effect.Effect<Carried>
  /** A result as its bytes. */
  readonly encode: (id: string, payload: unknown) => string
}

const expect = (server: Server, method: string): Effect.Effect<TestHttpServer.TestRequest> =>
  Effect.tap(server.accept, (request) => {
    assert.strictEqual(request.method, method, `${request.method} ${request.body}`)
  })

interface Framing {
  readonly contentType: string
  readonly encode: Carrier["encode"]
  readonly complete: (id: string) => string
  readonly heartbeat: string
  readonly malformed: string
}

const carried = (
  framing: Framing,
  id: string,
  operation: TestHttpServer.TestRequest,
  { aborted }: TestHttpServer.TestRequest,
  body: TestHttpServer.TestBody
): Carried => ({
  // Type boundary: what the client sends is what these tests are about.
  request: JSON.parse(operation.body) as Carried["request"],
  headers: operation.headers,
  body,
  aborted,
  next: (payload) => body.send(framing.encode(id, payload)),
  complete: body.send(framing.complete(id)),
  heartbeat: body.send(framing.heartbeat),
  malformed: body.send(framing.malformed)
})

const distinct = (name: string, options: Options, framing: Framing): Carrier => ({
  name,
  options,
  contentType: framing.contentType,
  requests: 1,
  first: (server) => expect(server, "POST"),
  accept: (server) =>
    Effect.gen(function* () {
      const request = yield* expect(server, "POST")
      const body = yield* request.stream(framing.contentType)
      return carried(framing, "", request, request, body)
    }),
  encode: framing.encode
})

export const sse = distinct(
  "Server-Sent Events",
  { subscriptions: "sse" },
  {
    contentType: "text/event-stream; charset=utf-8",
    encode: (_id, payload) => `event: next\ndata: ${JSON.stringify(payload)}\n\n`,
    complete: () => "event: complete\ndata:\n\n",
    heartbeat: ":\n\n",
    malformed: "event: next\ndata: {\n\n"
  }
)

const part = (json: unknown): string =>
  `\r\ncontent-type: application/json\r\n\r\n${JSON.stringify(json)}\r\n--graphql`

/** As Apollo's Router writes it: the delimiter of the next part ends each chunk. */
export const multipart = distinct(
  "multipart",
  { subscriptions: "multipart" },
  {
    contentType: 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0',
    encode: (_id, payload) => `\r\n--graphql${part({ payload })}`,
    complete: () => "--\r\n",
    heartbeat: `\r\n--graphql${part({})}`,
    malformed: "\r\n--graphql\r\ncontent-type: application/json\r\n\r\n{\r\n--graphql\r\n"
  }
)

const events: Framing = {
  contentType: "text/event-stream; charset=utf-8",
  encode: (id, payload) => `event: next\ndata: ${JSON.stringify({ id, payload })}\n\n`,
  complete: (id) => `event: complete\ndata: ${JSON.stringify({ id })}\n\n`,
  heartbeat: ":\n\n",
  malformed: "event: next\ndata: {\n\n"
}

/** A stream that was reserved, and its token. */
export const reserve = (server: Server, token = "the-token") =>
  Effect.gen(function* () {
    yield* (yield* expect(server, "PUT")).respond(token, {
      status: 201,
      headers: { "content-type": "text/plain; charset=utf-8" }
    })
    const request = yield* expect(server, "GET")
    assert.strictEqual(request.headers["x-graphql-event-stream-token"], token)
    return { request, body: yield* request.stream(events.contentType) }
  })

export type Reserved = Effect.Effect.Success<ReturnType<typeof reserve>>

export const idOf = ({ body }: TestHttpServer.TestRequest): string => {
  // Type boundary: what the client sends is what these tests are about.
  const { extensions } = JSON.parse(body) as { extensions: { operationId: string } }
  return extensions.operationId
}

/** The next operation over a stream that was reserved. */
export const acceptOver = ({ body, request }: Reserved, server: Server) =>
  Effect.gen(function* () {
    const operation = yield* expect(server, "POST")
    yield* operation.respond("", { status: 202 })
    const id = idOf(operation)
    return { ...carried(events, id, operation, request, body), id }
  })

export const single: Carrier = {
  name: "a single connection",
  options: { subscriptions: "sse", singleConnection: true },
  contentType: events.contentType,
  requests: 3,
  first: (server) => expect(server, "PUT"),
  accept: (server) => Effect.flatMap(reserve(server), (reserved) => acceptOver(reserved, server)),
  encode: events.encode
}

export const carriers: ReadonlyArray<Carrier> = [sse, multipart, single]

/** Those that have a response for each subscription. */
export const distinctCarriers: ReadonlyArray<Carrier> = [sse, multipart]
