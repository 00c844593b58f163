/**
 * A GraphQL server in memory whose every step a test decides.
 *
 * It takes the place of the network: `TestServer.layer` is the `WireConstructor` that a client needs.
 * Everything crosses at once and synchronously, so under `TestClock` a test waits for nothing but the
 * time it sets.
 *
 * ```
 * accept → open → awaitInit → ack → awaitSubscribe → next … complete
 *        ↘ reject, fail            ↘ close, drop, goSilent at any time
 * ```
 *
 * Unless told otherwise it answers pings and closing handshakes, as any server does.
 *
 * @since 0.1.0
 */
import { type WireRequest, WireConstructor } from "@fiberline/client/Wire"
import { graphqlTransportWs } from "@fiberline/core/GraphQLTransportWs"
import type {
  ClientMessage,
  ConnectionInit,
  ExecutionResult,
  JsonObject,
  OperationRequest,
  Rejected,
  ServerMessage
} from "@fiberline/core/Message"
import type { Conversation, Subprotocol } from "@fiberline/core/Subprotocol"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import type { GraphQLFormattedError } from "graphql"
import { MemorySocket } from "./internal/memorySocket.js"
import { offered } from "./internal/spoken.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface TestServer {
  /** The next connection attempt; waits for one. */
  readonly accept: Effect.Effect<TestConnection>
  /** The next connection attempt, upgraded, initialised and acknowledged. */
  readonly acceptReady: Effect.Effect<TestConnection>
  /** How many connections have been attempted. */
  readonly attempts: Effect.Effect<number>
  /** How many sockets exist: what a leak check asks. */
  readonly sockets: Effect.Effect<number>
}

/**
 * The client's close frame; 1006 where the socket was destroyed without one.
 *
 * @since 0.1.0
 * @category models
 */
export interface ClientClose {
  readonly code: number
  readonly reason: string
}

/**
 * @since 0.1.0
 * @category models
 */
export interface TestConnection {
  /** What the client asked to open: its URL, headers and subprotocols. */
  readonly request: WireRequest

  /**
   * Accepts the upgrade; by default with the first subprotocol offered. What it is spoken in from here on is
   * that one, or `graphql-transport-ws` for a name that is none.
   */
  readonly open: (subprotocol?: string) => Effect.Effect<void>
  /** Answers the upgrade with an HTTP status other than 101. */
  readonly reject: (
    status: number,
    headers?: { readonly [name: string]: string }
  ) => Effect.Effect<void>
  /** Fails the socket as the operating system would: refused, reset, broken TLS. */
  readonly fail: (cause: unknown) => Effect.Effect<void>

  /** The client's `connection_init`; waits for it. */
  readonly awaitInit: Effect.Effect<ConnectionInit>
  /** Acknowledges the connection. */
  readonly ack: (payload?: JsonObject) => Effect.Effect<void>
  /** The next operation the client starts; waits for it. */
  readonly awaitSubscribe: Effect.Effect<TestOperation>
  /** The next ping of the client's, a message or a frame; waits for it. */
  readonly awaitPing: Effect.Effect<void>

  /** Sends a message. */
  readonly send: (message: ServerMessage) => Effect.Effect<void>
  /** Sends a frame as it is, whatever it is. */
  readonly sendFrame: (frame: string | ArrayBuffer) => Effect.Effect<void>
  /** Everything the client has sent, in order. */
  readonly received: Effect.Effect<ReadonlyArray<ClientMessage>>

  /** Closes with a close frame. */
  readonly close: (code: number, reason?: string) => Effect.Effect<void>
  /** Ends without a close frame, as a killed server does. */
  readonly drop: Effect.Effect<void>
  /** The client's close; waits for it. */
  readonly awaitClose: Effect.Effect<ClientClose>

  /** From here on pings are not answered, while all else works. */
  readonly ignorePings: Effect.Effect<void>
  /**
   * From here on nothing crosses in either direction and neither end is told: a black hole.
   */
  readonly goSilent: Effect.Effect<void>
  /** Whether the client has stopped reading. */
  readonly isPaused: Effect.Effect<boolean>
  /** Whether the client's socket is gone. */
  readonly isGone: Effect.Effect<boolean>
}

/**
 * An operation as the server sees it.
 *
 * @since 0.1.0
 * @category models
 */
export interface TestOperation {
  readonly id: string
  readonly request: OperationRequest
  /** Sends a result with this data. */
  readonly next: (data: unknown) => Effect.Effect<void>
  /** Sends a result, or a piece of one (incremental delivery), as given. */
  readonly result: (result: ExecutionResult | JsonObject) => Effect.Effect<void>
  /** Refuses the operation, which ends it. */
  readonly error: (errors: ReadonlyArray<GraphQLFormattedError>) => Effect.Effect<void>
  readonly complete: Effect.Effect<void>
  /**
   * Says that the subscription is established, where its subprotocol has a word for that; then this has to
   * come before the first result of a subscription.
   */
  readonly establish: Effect.Effect<void>
  /** The client's `complete`; waits for it. */
  readonly awaitComplete: Effect.Effect<void>
}

/**
 * @since 0.1.0
 * @category tags
 */
export const TestServer = Context.GenericTag<TestServer>("@fiberline/testing/TestServer")

/**
 * The server, and the wire that leads to it.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<TestServer | WireConstructor> = Layer.effectContext(
  Effect.map(Queue.unbounded<Connection>(), (incoming) => {
    const connections: Array<Connection> = []
    const accept = Queue.take(incoming)
    const server: TestServer = {
      accept,
      acceptReady: Effect.tap(accept, (connection) =>
        Effect.zipRight(connection.open(), Effect.zipRight(connection.awaitInit, connection.ack()))
      ),
      attempts: Effect.sync(() => connections.length),
      sockets: Effect.sync(() => connections.filter(({ socket }) => !socket.isGone).length)
    }
    return Context.make(TestServer, server).pipe(
      Context.add(WireConstructor, (request, listener) => {
        const connection = new Connection(request, listener)
        connections.push(connection)
        Queue.unsafeOffer(incoming, connection)
        return connection.socket
      })
    )
  })
)

class Connection implements TestConnection {
  readonly socket: MemorySocket
  readonly #received: Array<ClientMessage> = []
  readonly #inits = unboundedQueue<ConnectionInit>()
  readonly #pings = unboundedQueue<void>()
  readonly #operations = unboundedQueue<TestOperation>()
  readonly #completes = new Map<string, Deferred.Deferred<void>>()
  readonly #closed = Deferred.unsafeMake<ClientClose>(FiberId.none)
  #answersPings = true
  #conversation = this.#converse(graphqlTransportWs)

  constructor(
    readonly request: WireRequest,
    listener: ConstructorParameters<typeof MemorySocket>[1]
  ) {
    this.socket = new MemorySocket(request, listener, {
      onFrame: (text) => this.#conversation.receive(text),
      onPing: () => this.#onPing(() => this.socket.pong()),
      onClose: (code, reason) => Deferred.unsafeDone(this.#closed, Effect.succeed({ code, reason }))
    })
  }

  readonly open = (name?: string) =>
    Effect.sync(() => {
      const subprotocols = offered(this.request)
      const subprotocol =
        name === undefined ? subprotocols[0] : subprotocols.find((one) => one.name === name)
      // A client may speak in the very call that tells it of the upgrade.
      this.#conversation = this.#converse(subprotocol ?? graphqlTransportWs)
      this.socket.open(name ?? subprotocol?.name ?? this.request.subprotocols[0] ?? "")
    })

  #converse(subprotocol: Subprotocol): Conversation<ServerMessage> {
    return subprotocol.accept({
      send: (frame) => this.socket.sendToClient(frame),
      deliver: (message) => this.#deliver(message)
    })
  }

  readonly reject = (status: number, headers: { readonly [name: string]: string } = {}) =>
    Effect.sync(() => this.socket.endByServer({ _tag: "Rejected", status, headers }))

  readonly fail = (cause: unknown) =>
    Effect.sync(() => this.socket.endByServer({ _tag: "Failed", cause }))

  readonly awaitInit = Effect.suspend(() => Queue.take(this.#inits))

  readonly ack = (payload?: JsonObject) =>
    this.send({ _tag: "ConnectionAck", ...(payload && { payload }) })

  readonly awaitSubscribe = Effect.suspend(() => Queue.take(this.#operations))

  readonly awaitPing = Effect.suspend(() => Queue.take(this.#pings))

  readonly send = (message: ServerMessage) => Effect.sync(() => this.#send(message))

  readonly sendFrame = (frame: string | ArrayBuffer) =>
    Effect.sync(() => this.socket.sendToClient(frame))

  readonly received = Effect.sync(() => this.#received.slice())

  readonly close = (code: number, reason = "") =>
    Effect.sync(() => this.socket.endByServer({ _tag: "Closed", code, reason }))

  readonly drop = this.close(1006)

  readonly awaitClose = Effect.suspend(() => Deferred.await(this.#closed))

  readonly ignorePings = Effect.sync(() => {
    this.#answersPings = false
  })

  readonly goSilent = Effect.sync(() => this.socket.goSilent())

  readonly isPaused = Effect.sync(() => this.socket.isPaused)

  readonly isGone = Effect.sync(() => this.socket.isGone)

  #deliver(message: ClientMessage | Rejected): void {
    if (message._tag === "Rejected") {
      const reason = message.detail
      return this.socket.endByServer({ _tag: "Closed", code: 4400, reason })
    }
    this.#received.push(message)
    switch (message._tag) {
      case "ConnectionInit":
        Queue.unsafeOffer(this.#inits, message)
        break
      case "Subscribe":
        Queue.unsafeOffer(this.#operations, this.#operation(message.id, message.payload))
        break
      case "Complete": {
        const completed = this.#completes.get(message.id)
        if (completed) Deferred.unsafeDone(completed, Effect.void)
        break
      }
      case "Ping":
        this.#onPing(() => this.#send({ ...message, _tag: "Pong" }))
        break
      case "Pong":
      case "ConnectionTerminate":
        break
    }
  }

  #onPing(answer: () => void): void {
    Queue.unsafeOffer(this.#pings, undefined)
    if (this.#answersPings) answer()
  }

  #send(message: ServerMessage): void {
    this.#conversation.send(message)
  }

  #operation(id: string, request: OperationRequest): TestOperation {
    const completed = Deferred.unsafeMake<void>(FiberId.none)
    this.#completes.set(id, completed)
    const result = (payload: ExecutionResult) => this.send({ _tag: "Next", id, payload })
    return {
      id,
      request,
      next: (data) => result({ data }),
      result,
      error: (payload) => this.send({ _tag: "OperationFailed", id, payload }),
      complete: this.send({ _tag: "Complete", id }),
      establish: this.send({ _tag: "Established", id }),
      awaitComplete: Deferred.await(completed)
    }
  }
}

/** A queue that can be made without an effect: making one does nothing but allocate. */
const unboundedQueue = <A>(): Queue.Queue<A> => Effect.runSync(Queue.unbounded<A>())
