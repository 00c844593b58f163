/**
 * The wire over any standard `WebSocket`: a browser's, Bun's, Deno's, a worker's.
 *
 * What such a socket cannot do, it cannot do here either: send headers with the upgrade, tell why an
 * upgrade was refused, notice a frame before it is whole, stop reading, or be destroyed. A socket that offers `terminate`, `pause` and
 * `resume`, as `ws` does, is used for all it can. In Node, `NodeWire` does everything.
 *
 * @since 0.1.0
 */
import { WebSocketConstructor } from "@effect/platform/Socket"
import { ours } from "@fiberline/core/CloseCode"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type Wire, WireConstructor, type WireListener, type WireRequest } from "./Wire.js"

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<WireConstructor, never, WebSocketConstructor> = Layer.effect(
  WireConstructor,
  Effect.map(
    WebSocketConstructor,
    (construct) => (request: WireRequest, listener: WireListener) =>
      open(construct, request, listener)
  )
)

/** What a `WebSocket` may offer beyond the standard. */
interface Extras {
  readonly terminate?: () => void
  readonly pause?: () => void
  readonly resume?: () => void
}

const open = (
  construct: Context.Tag.Service<typeof WebSocketConstructor>,
  request: WireRequest,
  listener: WireListener
): Wire => {
  if (Object.keys(request.headers).length > 0) {
    return failed(listener, new TypeError("this WebSocket cannot send headers with the upgrade"))
  }
  let socket: WebSocket & Extras
  try {
    socket = construct(request.url, Array.from(request.subprotocols))
  } catch (error) {
    // The message quotes the URL, which may hold credentials.
    return failed(listener, new TypeError(error instanceof Error ? error.name : "not a WebSocket"))
  }
  socket.binaryType = "arraybuffer"

  let wasOpen = false
  let cause: unknown = undefined
  socket.onopen = () => {
    wasOpen = true
    listener.onOpen(socket.protocol)
  }
  socket.onmessage = ({ data }: MessageEvent<unknown>) => {
    listener.onFrame(typeof data === "string" || data instanceof ArrayBuffer ? data : noBytes)
  }
  socket.onerror = (event) => {
    // A browser says nothing more; other runtimes attach what happened.
    cause = "error" in event ? event.error : new Error("the WebSocket reported an error")
  }
  socket.onclose = ({ code, reason }) => {
    const isFailure = cause !== undefined && (code === 1006 || !wasOpen)
    listener.onEnd(isFailure ? { _tag: "Failed", cause } : { _tag: "Closed", code, reason })
  }

  return {
    send: (text) => {
      if (socket.readyState === socket.OPEN) socket.send(text)
    },
    close: (code, reason) => socket.close(isAllowed(code) ? code : ours.invalidMessage, reason),
    terminate: () => {
      if (socket.terminate) return socket.terminate()
      // It cannot be destroyed, so it is left to the runtime, which no longer has anybody to tell.
      socket.onopen = socket.onmessage = socket.onclose = null
      socket.close()
    },
    ...(socket.pause &&
      socket.resume && {
        flow: { pause: () => socket.pause?.(), resume: () => socket.resume?.() }
      }),
    backlog: () => socket.bufferedAmount,
    // What has arrived waits as tasks, in order, and so does a timer.
    settle: Effect.sleep(0)
  }
}

/** A socket that never was. */
const failed = (listener: WireListener, cause: unknown): Wire => {
  listener.onEnd({ _tag: "Failed", cause })
  const nothing = () => {}
  return { send: nothing, close: nothing, terminate: nothing, settle: Effect.void }
}

/** Stands for a binary frame of a kind that was not asked for. */
const noBytes = new ArrayBuffer(0)

/** The codes that a script may close with (WHATWG WebSockets, `close`). */
const isAllowed = (code: number): boolean => code === 1000 || (code >= 3000 && code <= 4999)
