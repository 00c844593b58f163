/**
 * A GraphQL server like anybody's, on graphql-ws, in a process of its own: to be stopped, killed and
 * cut off. It never pings, so that the client's keepalive is on trial without help.
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
import { obeyToTheEnd, tell } from "./lines.js"
import { reset } from "./reset.js"
import { Command, Event, type Manners } from "./serverMessages.js"

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

const ticks = ({
  ballast,
  every,
  last
}: {
  readonly every: number
  readonly last?: number | null
  readonly ballast: number
}): AsyncIterable<object> => {
  const text = "x".repeat(ballast)
  const numbers = Stream.iterate(1, (number) => number + 1).pipe(
    Stream.mapEffect((number) =>
      Effect.as(every > 0 ? Effect.sleep(every) : Effect.void, {
        ticks: { number, ballast: text }
      })
    )
  )
  return Stream.toAsyncIterable(
    typeof last === "number" ? Stream.concat(Stream.take(numbers, last), Stream.never) : numbers
  )
}

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

http.on("connection", (socket) => {
  sockets.add(socket)
  socket.on("error", () => {})
  socket.on("close", () => sockets.delete(socket))
  say({ _tag: "Accepted" })
})
http.on("upgrade", (request, socket, head) => {
  if (manners === "never upgrades") return
  webSockets.handleUpgrade(request, socket, head, (webSocket) => {
    webSocket.on("message", (frame) => {
      const { type }: { readonly type: string } = JSON.parse(String(frame))
      if (type === "subscribe" && breaking !== undefined) {
        // Synchronously, for it may be the last that we say.
        writeSync(1, `${JSON.stringify({ _tag: "Broken", at: now() })}\n`)
        if (breaking === "die") process.kill(process.pid, "SIGKILL")
        resetAll()
      }
      if (type !== "ping") say({ _tag: "Received", type })
    })
    webSockets.emit("connection", webSocket, request)
  })
})
useServer(
  {
    schema,
    roots: { query: { hello: () => "hello" }, subscription: { ticks } },
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
