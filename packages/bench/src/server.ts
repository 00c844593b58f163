/**
 * The server of every measurement. It must never be what is measured: `ws` makes the connection, and
 * from there on frames are bytes that were made ahead, and leave in large writes.
 *
 * It speaks `graphql-transport-ws`, and the older `graphql-ws` of subscriptions-transport-ws. What is no
 * WebSocket is a query, on the same port.
 */
import { Buffer } from "node:buffer"
import { createServer, type Server as HttpServer } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { performance } from "node:perf_hooks"
import { type WebSocket, WebSocketServer } from "ws"
import { frameOf, payload, TickFrame } from "./frames.js"
import { answerQuery } from "./queryServer.js"
import { Sender } from "./sender.js"
import type { Variables } from "./ticks.js"

interface Message {
  readonly type: string
  readonly id?: string
  readonly payload?: { readonly variables?: Received }
}

/** Relay writes null for what is not given. */
interface Received extends Omit<Variables, "every"> {
  readonly every?: number | null
}

interface Dialect {
  readonly next: string
  /** What begins and what ends an operation, from the client's side. */
  readonly subscribe: string
  readonly complete: string
}

const dialects = new Map<string, Dialect>([
  ["graphql-transport-ws", { next: "next", subscribe: "subscribe", complete: "complete" }],
  ["graphql-ws", { next: "data", subscribe: "start", complete: "stop" }]
])

interface Subscriber {
  readonly id: string
  readonly connection: Connection
  readonly bytes: number
  /** Made when it is first needed. */
  frame: TickFrame | undefined
  isGone: boolean
  timer: NodeJS.Timeout | undefined
}

export interface Statistics {
  /** Messages handed to the operating system, or waiting for it. */
  readonly sent: number
  /** The longest time, in milliseconds, in which the operating system took nothing. */
  readonly longestStall: number
}

class Connection {
  readonly sender: Sender
  readonly subscribers = new Map<string, Subscriber>()

  constructor(
    readonly ws: WebSocket,
    socket: Socket,
    readonly dialect: Dialect,
    readonly server: Server
  ) {
    this.sender = new Sender(socket)
    ws.on("message", (data: Buffer) => {
      // Type boundary: only this benchmark's clients talk to this server.
      this.#receive(JSON.parse(data.toString()) as Message)
    })
    // A client that was killed, or hung up, has ended its measurement.
    ws.on("error", () => {})
    ws.on("close", () => {
      for (const id of Array.from(this.subscribers.keys())) this.#remove(id)
    })
  }

  #receive({ id = "", payload, type }: Message): void {
    const { complete, subscribe } = this.dialect
    switch (type) {
      case "connection_init":
        return this.#say({ type: "connection_ack" })
      case "ping":
        return this.#say({ type: "pong" })
      case "connection_terminate":
        return this.ws.close(1000)
      case subscribe:
        return payload?.variables && this.#subscribe(id, payload.variables)
      case complete:
        return this.#remove(id)
    }
  }

  #say(message: Message): void {
    this.sender.push(frameOf(JSON.stringify(message)))
  }

  #subscribe(id: string, { bytes, every, messages }: Received): void {
    const subscriber: Subscriber = {
      id,
      connection: this,
      bytes,
      frame: undefined,
      isGone: false,
      timer: undefined
    }
    this.subscribers.set(id, subscriber)
    if (messages > 0) {
      const frame = this.frameFor(subscriber)
      const complete = frameOf(JSON.stringify({ type: "complete", id }))
      let index = 0
      this.sender.pour({
        write: (chunk, at) => frame.write(chunk, at, index++),
        longest: Math.max(frame.length, complete.length),
        isDone: () => index >= messages || subscriber.isGone,
        last: () => {
          if (subscriber.isGone) return undefined
          this.#remove(id)
          return complete
        }
      })
    }
    if (every != null) {
      let index = 0
      subscriber.timer = setInterval(() => {
        const frame = this.frameFor(subscriber)
        const bytes = Buffer.allocUnsafe(frame.length)
        frame.write(bytes, 0, index++)
        this.sender.push(bytes)
      }, every)
    }
    this.server.subscribed()
  }

  #remove(id: string): void {
    const subscriber = this.subscribers.get(id)
    if (subscriber === undefined) return
    subscriber.isGone = true
    clearInterval(subscriber.timer)
    this.subscribers.delete(id)
  }

  frameFor(subscriber: Subscriber): TickFrame {
    const { bytes, id } = subscriber
    const { next } = this.dialect
    return (subscriber.frame ??= new TickFrame(
      `{"id":${JSON.stringify(id)},"type":"${next}","payload":${payload(bytes)}}`
    ))
  }
}

export class Server {
  readonly #listening: HttpServer
  readonly #connections = new Set<Connection>()
  #subscriptions = 0
  #awaited: { readonly count: number; readonly tell: () => void } | undefined = undefined

  constructor(listening: HttpServer, webSockets: WebSocketServer) {
    this.#listening = listening
    webSockets.on("connection", (ws, request) => {
      const { socket } = request
      const dialect = dialects.get(ws.protocol)
      if (dialect === undefined) return ws.close(4406)
      socket.setNoDelay(true)
      const connection = new Connection(ws, socket, dialect, this)
      this.#connections.add(connection)
      ws.on("close", () => this.#connections.delete(connection))
    })
  }

  get url(): string {
    // Type boundary: it listens on a port, so its address is no path.
    const { port } = this.#listening.address() as AddressInfo
    return `ws://127.0.0.1:${port}/graphql`
  }

  get statistics(): Statistics {
    const senders = Array.from(this.#connections, ({ sender }) => sender)
    return {
      sent: senders.reduce((sum, { poured }) => sum + poured, 0),
      longestStall: Math.max(0, ...senders.map((sender) => sender.longestStall(performance.now())))
    }
  }

  /** How many subscriptions ever began. */
  get subscriptions(): number {
    return this.#subscriptions
  }

  /** Called by a connection for each subscription that begins. */
  subscribed(): void {
    this.#subscriptions++
    this.#look()
  }

  /** Resolves when so many subscriptions have begun, of all that ever did. */
  begun(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#awaited = { count, tell: resolve }
      this.#look()
    })
  }

  #look(): void {
    if (this.#awaited === undefined || this.#subscriptions < this.#awaited.count) return
    const { tell } = this.#awaited
    this.#awaited = undefined
    tell()
  }

  /** Sends so many messages to every subscription that waits, one to each in turn. */
  spread(each: number): void {
    for (const connection of this.#connections) {
      const frames = Array.from(connection.subscribers.values(), (subscriber) =>
        connection.frameFor(subscriber)
      )
      if (frames.length === 0) continue
      let sent = 0
      connection.sender.pour({
        write: (chunk, at) => {
          const frame = frames[sent % frames.length]
          return frame?.write(chunk, at, Math.floor(sent++ / frames.length)) ?? at
        },
        longest: frames.reduce((longest, { length }) => Math.max(longest, length), 0),
        isDone: () => sent >= each * frames.length,
        last: () => undefined
      })
    }
  }

  close(): void {
    for (const { ws } of this.#connections) ws.terminate()
    this.#listening.close()
    this.#listening.closeAllConnections()
  }
}

export const listen = (): Promise<Server> =>
  new Promise((resolve, reject) => {
    // No connection is closed because its client was busy.
    const listening = createServer({ keepAliveTimeout: 60_000 }, answerQuery)
    const webSockets = new WebSocketServer({
      server: listening,
      perMessageDeflate: false,
      handleProtocols: (offered) =>
        Array.from(dialects.keys()).find((name) => offered.has(name)) ?? false
    })
    const server = new Server(listening, webSockets)
    listening.on("error", reject)
    listening.listen(0, "127.0.0.1", () => resolve(server))
  })
