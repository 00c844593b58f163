/** A WebSocket server by hand, over TCP, that sends whatever bytes it is given. */
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import { createServer, type Socket } from "node:net"
import { FrameReader, type Incoming } from "./rawFrames.js"
import { listen } from "./servers.js"

/** What a server does with one connection. */
export interface RawListener {
  /** The request has come. `accept` is what `Sec-WebSocket-Accept` must say. */
  readonly onRequest: (socket: Socket, accept: string) => void
  readonly onFrame: (incoming: Incoming) => void
  /** Nothing is left of the connection at either end. */
  readonly onClose: () => void
}

/** RFC 6455, section 4.2.2. */
const acceptOf = (request: string): string => {
  const key = /^sec-websocket-key: *(\S+)/im.exec(request)?.[1] ?? ""
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64")
}

/** The lines of an answer as they are sent. */
export const toResponse = (lines: ReadonlyArray<string>): Buffer =>
  Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1")

/** The answer that accepts an upgrade. */
export const upgrade = (accept: string): ReadonlyArray<string> => [
  "HTTP/1.1 101 Switching Protocols",
  "Upgrade: websocket",
  "Connection: Upgrade",
  `Sec-WebSocket-Accept: ${accept}`,
  "Sec-WebSocket-Protocol: graphql-transport-ws"
]

/** A server that asks for a listener for each connection. */
export const rawServer = (onConnection: () => RawListener) =>
  Effect.suspend(() =>
    listen(
      // Half-open, or Node would answer a FIN on its own.
      createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
        const { onClose, onFrame, onRequest } = onConnection()
        const reader = new FrameReader(true)
        let request: string | undefined = ""
        socket.on("data", (chunk) => {
          let frames = chunk
          if (request !== undefined) {
            request += chunk.toString("latin1")
            const end = request.indexOf("\r\n\r\n")
            if (end < 0) return
            frames = Buffer.from(request.slice(end + 4), "latin1")
            const accept = acceptOf(request)
            request = undefined
            onRequest(socket, accept)
          }
          for (const incoming of reader.read(frames)) onFrame(incoming)
        })
        socket.on("end", () => socket.end())
        socket.on("close", onClose)
      })
    )
  )

/** Writes the parts in turns of their own, so that they arrive as such. */
export const writeParts = (
  socket: Socket,
  [first, ...rest]: ReadonlyArray<Uint8Array>,
  then: () => void
): void => {
  if (first !== undefined && socket.writable) socket.write(first)
  if (rest.length === 0) then()
  else setImmediate(() => writeParts(socket, rest, then))
}
