/**
 * A WebSocket on a connection that is there already, by `ws`.
 *
 * What `ws` does otherwise than a diagnosis wants, and what is done about it:
 *
 * - it refuses servers that name no subprotocol, or one it did not offer: it is shown one it did
 * - it swallows the operating system's errors on an open socket: they are listened for below it
 * - it says nothing of a close frame before TCP has ended: that the frame is there is seen from its
 *   hanging up, which it does at once
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { IncomingHttpHeaders, IncomingMessage } from "node:http"
import type * as Net from "node:net"
import { type ClientOptions, WebSocket } from "ws"
import { type ProbeFailure, SystemFailure, UpgradeInvalid, UpgradeRefused } from "./failure.js"
import type { Line, UpgradeRequest } from "./prober.js"
import { Transcript } from "./transcript.js"

export const upgrade = (
  socket: Net.Socket,
  request: UpgradeRequest
): Effect.Effect<Line, ProbeFailure, Scope.Scope> =>
  Effect.gen(function* () {
    const transcript = new Transcript(yield* Effect.clock)
    const ws = yield* Effect.acquireRelease(
      Effect.sync(() => open(socket, request)),
      (ws) => Effect.sync(() => ws.terminate())
    )
    // What fails later is told by 'close'.
    ws.on("error", () => {})
    let isLeaving = false
    let closeFrameAt = (): number | undefined => undefined
    return yield* Effect.async<Line, ProbeFailure>((resume) => {
      let response: IncomingMessage | undefined = undefined
      let chosen = ""
      ws.once("upgrade", (message) => {
        response = message
        chosen = message.headers["sec-websocket-protocol"] ?? ""
        // `ws` looks at it after this event.
        message.headers["sec-websocket-protocol"] = request.subprotocols.includes(chosen)
          ? chosen
          : request.subprotocols[0]
        // What comes in the very chunk of the upgrade must find somebody who listens.
        closeFrameAt = record(ws, socket, transcript, () => isLeaving)
      })
      ws.once("unexpected-response", (_request, { headers, statusCode: status = 0 }) => {
        resume(
          Effect.fail(
            // Node takes a 101 for an upgrade only if it says to what.
            status === 101
              ? new UpgradeInvalid({ detail: "101, without saying to what" })
              : new UpgradeRefused({ status, headers: toHeaders(headers) })
          )
        )
        ws.terminate()
      })
      ws.once("error", (error: Error & { readonly code?: unknown }) => {
        const { code, message: detail } = error
        resume(
          Effect.fail(
            typeof code === "string" && !code.startsWith("HPE_")
              ? new SystemFailure({ code, detail })
              : new UpgradeInvalid({ detail })
          )
        )
      })
      ws.once("open", () =>
        resume(
          Effect.succeed({
            status: response?.statusCode ?? 101,
            headers: { ...toHeaders(response?.headers ?? {}), "sec-websocket-protocol": chosen },
            subprotocol: chosen,
            compression: ws.extensions !== "",
            transcript,
            send: (text) => Effect.sync(() => whileOpen(ws, () => ws.send(text))),
            ping: (data) => Effect.sync(() => whileOpen(ws, () => ws.ping(data))),
            close: (code) =>
              Effect.sync(() => {
                isLeaving = true
                ws.close(code)
              }),
            closeFrameAt: () => closeFrameAt()
          })
        )
      )
    })
  })

const open = (
  socket: Net.Socket,
  { answersPingFrames, closeTimeout, endpoint, headers, subprotocols }: UpgradeRequest
): WebSocket => {
  const options: ClientOptions & { readonly closeTimeout: number } = {
    createConnection: () => socket,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, Redacted.value(value)])
    ),
    autoPong: answersPingFrames,
    // To see whether the server would compress.
    perMessageDeflate: true,
    maxPayload: 1024 * 1024,
    closeTimeout
  }
  return new WebSocket(endpoint.url, Array.from(subprotocols), options)
}

const whileOpen = (ws: WebSocket, act: () => void): void => {
  if (ws.readyState === WebSocket.OPEN) act()
}

/** Writes down what arrives, from the upgrade on. Gives the time of the peer's close frame. */
const record = (
  ws: WebSocket,
  socket: Net.Socket,
  transcript: Transcript,
  isLeaving: () => boolean
): (() => number | undefined) => {
  let how: string | undefined = undefined
  let finishedAt: number | undefined = undefined

  const add = (happening: Parameters<Transcript["add"]>[0]): void => {
    if (transcript.add(happening)) return
    how ??= "more frames than anybody would send who was asked for nothing"
    ws.terminate()
  }
  ws.on("message", (data, isBinary) =>
    add(isBinary ? { _tag: "Binary" } : { _tag: "Text", text: String(data) })
  )
  ws.on("ping", () => add({ _tag: "PingFrame" }))
  ws.on("pong", (data) => add({ _tag: "PongFrame", data: data.toString() }))

  socket.on("error", (error: Error & { readonly code?: unknown }) => {
    how ??= typeof error.code === "string" ? error.code : error.message
  })
  socket.on("end", () => (how ??= "FIN"))
  // `ws` ends the socket when both close frames are there, which here is when the other's came.
  socket.on("finish", () => {
    finishedAt = transcript.now()
    // It was the peer that began, so there is nothing to wait for.
    if (!isLeaving()) ws.terminate()
  })
  ws.on("error", (error: Error & { readonly code?: unknown }) => {
    how ??= typeof error.code === "string" ? error.code : error.message
  })
  ws.on("close", (code, reason) =>
    add({
      _tag: "End",
      code,
      reason: reason.toString(),
      closeFrameAt: code === noCloseFrame ? undefined : finishedAt,
      how: how ?? "FIN"
    })
  )
  return () => finishedAt
}

/** The code that stands for the lack of a close frame. */
const noCloseFrame = 1006

const toHeaders = (headers: IncomingHttpHeaders): { readonly [name: string]: string } =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]]
    )
  )
