/**
 * A GraphQL server like anybody's, on graphql-ws, in a process of its own: to be stopped, killed and
 * cut off. It never pings, so that the client's keepalive is on trial without help. At the paths of other
 * subprotocols it speaks those.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { buildSchema } from "graphql"
import { useServer } from "graphql-ws/use/ws"
import { writeSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { WebSocketServer } from "ws"
import { now } from "./clock.js"
import { converse } from "./conversation.js"
import { obeyToTheEnd, tell } from "./lines.js"
import { reset } from "./reset.js"
import { Command, Event, type Manners } from "./serverMessages.js"
import { others, subprotocols } from "./subprotocols.js"
import { ticks, type Ticks } from "./ticks.js"

const schema = buildSchema(`
  type Query {
    hello: String!
  }
  type Subscription {
    "The numbers from 1 up, one every so many milliseconds. After the last: silence."
    ticks(every: Int!, last: Int, ballast: Int! = 0): Tick!
  }
  type Tick {
    number: Int!
    "So many characters as were asked for."
    ballast: String!
  }
`)

// graphql-ws tells of every client that was cut off. A crash does not come this way.
console.error = () => {}

const say = tell(Event)

let manners: Manners = "serves"
let breaking: "reset" | "die" | undefined = undefined

const sockets = new Set<Socket>()
const resetAll = (): void => {
  for (const socket of sockets) reset(socket)
}

const http = createServer((_, response) => response.writeHead(426).end())
const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
// graphql-ws has its server choose nothing but its own.
const othersSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })

const breakIfAsked = (): void => {
  if (breaking === undefined) return
  // Synchronously, for it may be the last that we say.
  writeSync(1, `${JSON.stringify({ _tag: "Broken", at: now() })}\n`)
  if (breaking === "die") process.kill(process.pid, "SIGKILL")
  resetAll()
}

http.on("connection", (socket) => {
  sockets.add(socket)
  socket.on("error", () => {})
  socket.on("close", () => sockets.delete(socket))
  say({ _tag: "Accepted" })
})
http.on("upgrade", (request, socket, head) => {
  if (manners === "never upgrades") return
  const other = others.find((name) => request.url?.startsWith(`/${name}`))
  if (other !== undefined) {
    return othersSockets.handleUpgrade(request, socket, head, (webSocket) =>
      converse(webSocket, subprotocols[other], breakIfAsked)
    )
  }
  webSockets.handleUpgrade(request, socket, head, (webSocket) => {
    webSocket.on("message", (frame) => {
      const { type }: { readonly type: string } = JSON.parse(String(frame))
      if (type === "subscribe") breakIfAsked()
      if (type !== "ping") say({ _tag: "Received", type })
    })
    webSockets.emit("connection", webSocket, request)
  })
})
useServer(
  {
    schema,
    roots: {
      query: { hello: () => "hello" },
      subscription: { ticks: (args: Ticks) => Stream.toAsyncIterable(ticks(args)) }
    },
    onConnect: () => (manners === "never acknowledges" ? new Promise<never>(() => {}) : true)
  },
  webSockets,
  0
)

http.listen(0, () => {
  // Type boundary: the address of a server that listens on a TCP port.
  say({ _tag: "Listening", port: (http.address() as AddressInfo).port })
})

const handle = (command: Command): Effect.Effect<void> =>
  Effect.sync(() => {
    if (command._tag === "BreakOnSubscribe") {
      breaking = command.how
      return
    }
    manners = command.manners
    const at = now()
    if (command.reset) resetAll()
    say({ _tag: "Broken", at })
  })

obeyToTheEnd(Command, handle)
