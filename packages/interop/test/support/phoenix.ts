/** The server in this process, and Phoenix's own clients against it, in either version of the protocol. */
import { GraphQLObjectType, GraphQLSchema } from "graphql"
import type { AddressInfo } from "node:net"
import { setTimeout as delay } from "node:timers/promises"
import { type Channel, type Push, Socket as Socket18 } from "phoenix"
import { Socket as Socket12 } from "phoenix-1"
import { onTestFinished } from "vitest"
import { WebSocket } from "ws"
import { count, schema as plain, ticks } from "../../src/schema.js"
import { serve } from "../../src/servers/phoenix.js"
import { host } from "../../src/servers/server.js"

export type Socket = Socket18

export interface Client {
  readonly name: string
  readonly vsn: string
  readonly Socket: typeof Socket18
}

export const clients: ReadonlyArray<Client> = [
  { name: "phoenix 1.8", vsn: "2.0.0", Socket: Socket18 },
  { name: "phoenix 1.2", vsn: "1.0.0", Socket: Socket12 }
]

export const controlTopic = "__absinthe__:control"

export interface TestServer {
  readonly port: number
  /** Of a Phoenix socket: its clients add the transport. */
  readonly url: string
  /** How many subscriptions run. */
  readonly running: () => number
}

export const serverOf = async ({
  auth = false,
  idleMillis
}: { readonly auth?: boolean; readonly idleMillis?: number } = {}): Promise<TestServer> => {
  let running = 0
  const watched = async function* <A>(source: AsyncIterable<A>) {
    running++
    try {
      yield* source
    } finally {
      running--
    }
  }
  const { mutation, query, subscription } = plain.toConfig()
  const { count: counted, ticks: ticked } = subscription?.toConfig().fields ?? {}
  if (!counted || !ticked) throw new Error("the schema has other subscriptions")
  const schema = new GraphQLSchema({
    query,
    mutation,
    subscription: new GraphQLObjectType({
      name: "Subscription",
      fields: {
        count: {
          ...counted,
          subscribe: (_, { everyMillis, to }) => watched(count(to, everyMillis))
        },
        ticks: { ...ticked, subscribe: () => watched(ticks()) }
      }
    })
  })
  const server = await serve(0, { auth }, schema, idleMillis)
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())))
  // Type boundary: the address of a server that listens on a TCP port.
  const { port } = server.address() as AddressInfo
  return { port, url: `ws://${host}:${port}/socket`, running: () => running }
}

export interface Wire {
  /** The frames, and the `status` of a refusal, or the `code` of a close. */
  readonly sent: Array<unknown>
  readonly received: Array<unknown>
  readonly refusals: Array<number>
  readonly codes: Array<number>
  /** How many connections have been tried. */
  readonly tried: () => number
}

export interface Connected extends Wire {
  readonly socket: Socket
}

export interface Settings {
  readonly params?: object
  readonly heartbeatIntervalMs?: number
}

/** A socket that connects when told to, and ends with the test. */
export const socketOf = (
  { Socket }: Pick<Client, "Socket">,
  { url }: Pick<TestServer, "url">,
  settings: Settings = {}
): Connected => {
  const sent: Array<unknown> = []
  const received: Array<unknown> = []
  const refusals: Array<number> = []
  const codes: Array<number> = []
  const all: Array<WebSocket> = []
  class Recorded extends WebSocket {
    constructor(address: string) {
      super(address)
      all.push(this)
      this.on("message", (data: Buffer) => received.push(JSON.parse(data.toString())))
      this.on("close", (code) => codes.push(code))
      this.on("error", () => {})
      this.on("unexpected-response", (_, { statusCode }) => {
        refusals.push(statusCode ?? 0)
        this.terminate()
      })
    }

    override send(data: string): void {
      sent.push(JSON.parse(data))
      super.send(data)
    }
  }
  const socket = new Socket(url, {
    transport: Recorded,
    timeout: 5000,
    reconnectAfterMs: () => 20,
    rejoinAfterMs: () => 20,
    ...settings
  })
  onTestFinished(() => {
    socket.disconnect()
    for (const webSocket of all) webSocket.terminate()
  })
  return { socket, sent, received, refusals, codes, tried: () => all.length }
}

/** What a push is answered. */
export const answer = (push: Push): Promise<readonly [status: string, response: unknown]> =>
  new Promise((resolve) => {
    for (const status of ["ok", "error", "timeout"] as const) {
      push.receive(status, (response: unknown) => resolve([status, response]))
    }
  })

/** Connected, and the channel joined. */
export const joined = async (
  client: Client,
  server: TestServer
): Promise<Connected & { readonly channel: Channel }> => {
  const connected = socketOf(client, server)
  connected.socket.connect()
  const channel = connected.socket.channel(controlTopic, {})
  const [status] = await answer(channel.join())
  if (status !== "ok") throw new Error(`the join was answered with ${status}`)
  return { ...connected, channel }
}

/** Within five seconds. */
export const eventually = async (isSo: () => boolean, what: string): Promise<void> => {
  const end = performance.now() + 5000
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`not within 5 s: ${what}`)
    await delay(5)
  }
}

/** A plain WebSocket: what comes of its upgrade. */
export const upgraded = (
  { port }: Pick<TestServer, "port">,
  path: string
): Promise<WebSocket | number> =>
  new Promise((resolve, reject) => {
    const webSocket = new WebSocket(`ws://${host}:${port}${path}`)
    onTestFinished(() => webSocket.terminate())
    webSocket.on("open", () => resolve(webSocket))
    webSocket.on("unexpected-response", (request, { statusCode }) => {
      resolve(statusCode ?? 0)
      request.destroy()
    })
    webSocket.on("error", reject)
  })
