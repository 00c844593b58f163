/**
 * One `ws` socket as a `Wire`.
 *
 * What `ws` does otherwise than the port wants, and what is done about it:
 *
 * - it throws for what it can refuse at once: that arrives as the end, like everything else
 * - it refuses servers that name no subprotocol: it is shown one, and the listener told the truth
 * - it swallows the operating system's errors on an open socket: they are listened for below it
 * - it waits half a minute for a peer that says good-bye but does not hang up: it is not waited for
 */
import type { Wire, WireEnd, WireListener, WireRequest } from "@fiberline/client/Wire"
import * as Effect from "effect/Effect"
import { constants } from "node:buffer"
import type { IncomingHttpHeaders } from "node:http"
import type { Socket } from "node:net"
import { type ClientOptions, WebSocket } from "ws"
import { connect, isEnding, reset } from "./tcp.js"

export const open = (
  options: ClientOptions,
  request: WireRequest,
  listener: WireListener
): Wire => {
  let ws: WebSocket
  /** What is below all else; an agent makes its own. */
  let tcp: Socket | undefined = undefined
  try {
    const url = parseUrl(request.url)
    ws = new WebSocket(url, Array.from(request.subprotocols), {
      ...(options.agent === undefined && {
        createConnection: connect(url.protocol === "wss:", (connecting) => (tcp = connecting))
      }),
      ...options,
      headers: { ...request.headers },
      maxPayload: toMaxPayload(request.maxFrameSize)
    })
  } catch (cause) {
    // Not before the caller has its wire.
    process.nextTick(() => listener.onEnd({ _tag: "Failed", cause }))
    return neverOpened
  }
  ws.binaryType = "arraybuffer"

  /** The socket below the WebSocket, from the upgrade on. */
  let socket: Socket | undefined = undefined
  let socketError: unknown = undefined
  let chosenSubprotocol = ""
  let isOpen = false
  let isLeaving = false
  let isViolated = false
  let hasEnded = false

  const end = (how: WireEnd): void => {
    if (hasEnded) return
    hasEnded = true
    // After some errors `ws` reads on.
    ws.removeAllListeners("message")
    listener.onEnd(how)
  }

  // -- send ---------------------------------------------------------------------------------------

  let isCorked = false

  /** Has what is sent in one turn written together: each write is a call of the operating system. */
  const cork = (): void => {
    if (isCorked || socket === undefined) return
    isCorked = true
    socket.cork()
    process.nextTick(flush)
  }

  const flush = (): void => {
    if (!isCorked) return
    isCorked = false
    socket?.uncork()
  }

  /** What was sent before is for the operating system to deliver, if it can. */
  const destroy = (): void => {
    flush()
    ws.terminate()
  }

  // -- connect ------------------------------------------------------------------------------------

  ws.on("upgrade", (response) => {
    socket = response.socket
    // `ws` destroys a socket that fails, and tells nobody why.
    socket.on("error", (error) => (socketError = error))

    // `ws` looks at the header after this event, and would give up on a server that names no
    // subprotocol, or a wrong one with no more than a text. Which it was is the listener's to judge.
    chosenSubprotocol = response.headers["sec-websocket-protocol"] ?? ""
    response.headers["sec-websocket-protocol"] = request.subprotocols[0]
  })

  ws.on("unexpected-response", (_request, response) => {
    const { statusCode: status = 0 } = response
    // Node takes a 101 for an upgrade only if it says to what.
    const isUpgrade = status === 101
    end(
      isUpgrade
        ? { _tag: "Failed", cause: new Error("the upgrade does not say to what") }
        : { _tag: "Rejected", status, headers: toHeaders(response.headers) }
    )
    // Nobody reads the body, and the descriptor would wait for somebody who does.
    ws.terminate()
  })

  ws.on("open", () => {
    isOpen = true
    // Runs after the listener of `ws` for the same chunk. If that has begun to close, the peer's
    // close frame was in it, and has been answered: there is nothing to wait for, and the peer may
    // never hang up. What code it gave comes with 'close'.
    socket?.on("data", () => {
      listener.onActivity()
      if (ws.readyState === WebSocket.CLOSING && !isLeaving) destroy()
    })
    // Nor for what we may still have to write to a peer that has hung up.
    socket?.on("end", destroy)
    listener.onOpen(chosenSubprotocol)
  })

  // -- live ---------------------------------------------------------------------------------------

  ws.on("message", (data, isBinary) =>
    listener.onFrame(
      // Type boundary: `ws` gives text as a Buffer and, with this `binaryType`, the rest as an
      // ArrayBuffer; its types know of neither.
      isBinary ? (data as ArrayBuffer) : (data as Buffer).toString()
    )
  )

  // -- closed -------------------------------------------------------------------------------------

  ws.on("error", (cause) => {
    // We hung up while connecting, which `ws` calls an error. 'close' follows.
    if (isLeaving) return
    const code = violatedCode(cause)
    isViolated = code !== undefined
    end(
      isOpen && code !== undefined ? { _tag: "Violated", code, cause } : { _tag: "Failed", cause }
    )
  })

  ws.on("close", (code, reason) =>
    end(
      code === noCloseFrame && socketError !== undefined
        ? { _tag: "Failed", cause: socketError }
        : { _tag: "Closed", code, reason: reason.toString() }
    )
  )

  const terminate = (): void => {
    isLeaving = true
    const lowest = tcp ?? socket
    // A peer that broke the protocol is there, and `ws` is telling it so, which a reset would undo.
    // One to which TLS is saying good-bye has said it too.
    const isSpokenTo = isViolated || (socket !== undefined && isEnding(socket))
    if (isSpokenTo) flush()
    else if (lowest !== undefined) reset(lowest)
    ws.terminate()
  }

  return {
    send: (text) => {
      if (ws.readyState !== WebSocket.OPEN) return
      cork()
      ws.send(text)
    },
    ping: () => {
      if (ws.readyState !== WebSocket.OPEN) return
      cork()
      ws.ping()
    },
    showsActivity: true,
    close: (code, reason) => {
      isLeaving = true
      try {
        ws.close(code, reason)
      } catch {
        // A code or a reason that no close frame can carry.
        terminate()
      }
    },
    terminate,
    // Without a socket, `ws` would throw for both.
    flow: {
      pause: () => {
        if (isOpen) ws.pause()
      },
      resume: () => {
        if (isOpen) ws.resume()
      }
    },
    backlog: () => ws.bufferedAmount,
    settle: Effect.suspend(() => {
      const settled = settle(() => socket?.bytesRead ?? 0)
      // Frames are inflated by other threads, which are given a moment.
      return ws.extensions === "" ? settled : Effect.zipLeft(settled, Effect.sleep("20 millis"))
    })
  }
}

/** The code that stands for the lack of a close frame. */
const noCloseFrame = 1006

const neverOpened: Wire = {
  send: () => {},
  close: () => {},
  terminate: () => {},
  settle: Effect.void
}

/** Without the URL in the error, as Node and `ws` have it: it may hold a token anywhere. */
const parseUrl = (url: string): URL => {
  try {
    return new URL(url)
  } catch {
    throw new TypeError("the URL cannot be parsed")
  }
}

/**
 * `ws` takes 32 bits of this number and none of its fraction, and 0 for "any size". More bytes than
 * a string can have characters could not be handed on.
 */
const toMaxPayload = (maxFrameSize: number): number =>
  Math.min(Math.max(Math.floor(maxFrameSize), 1), constants.MAX_STRING_LENGTH)

const toHeaders = (headers: IncomingHttpHeaders): { readonly [name: string]: string } =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]]
    )
  )

/** The code that `ws` closes with for an error of its receiver; `undefined` for another's error. */
const violatedCode = (error: Error & { readonly code?: unknown }): number | undefined => {
  if (typeof error.code !== "string") return undefined
  return (
    violations.get(error.code) ??
    (error.code.startsWith("WS_ERR_")
      ? 1002
      : // Compressed data that cannot be inflated.
        error.code.startsWith("Z_")
        ? 1007
        : undefined)
  )
}

const violations: ReadonlyMap<string, number> = new Map([
  ["WS_ERR_INVALID_UTF8", 1007],
  ["WS_ERR_TOO_MANY_BUFFERED_PARTS", 1008],
  ["WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH", 1009],
  ["WS_ERR_UNSUPPORTED_MESSAGE_LENGTH", 1009]
])

/**
 * Completes once the event loop has asked the operating system for what has arrived, and handed it on.
 *
 * An immediate runs after the loop's poll phase: asked for by a timer or another immediate, after the
 * next poll; asked for by a callback of a socket, at the end of the very poll that made it, which may
 * have looked at our socket before the data came. From the second on, there was a whole poll in
 * between wherever we began.
 *
 * A poll reads at most 2 MiB of a socket, and the kernel may hold more, so we go on while something
 * comes; not for ever, for a fast peer always sends more.
 */
const settle = (bytesRead: () => number): Effect.Effect<void> =>
  Effect.async((resume) => {
    let turns = 0
    let before = bytesRead()
    const turn = (): void => {
      turns++
      const now = bytesRead()
      const goOn = turns < 2 || (now > before && turns < 16)
      before = now
      if (goOn) immediate = setImmediate(turn)
      else resume(Effect.void)
    }
    let immediate = setImmediate(turn)
    return Effect.sync(() => clearImmediate(immediate))
  })
