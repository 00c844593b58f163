/** `--verbose`: what goes over the wire, as lines. Whoever says them conceals what is secret. */
import * as HttpClient from "@effect/platform/HttpClient"
import { type Wire, WireConstructor, type WireEnd } from "@fiberline/client/Wire"
import * as Effect from "effect/Effect"

export type Say = (line: string) => Effect.Effect<void>

/** How many lines may wait for a reader of stderr. What is traced is not held back for it. */
const backlog = 1000

/** Everything that an effect sends and receives by WebSockets and HTTP requests is said. */
export const traced =
  (say: Say) =>
  <A, E, R>(
    effect: Effect.Effect<A, E, R>
  ): Effect.Effect<A, E, R | WireConstructor | HttpClient.HttpClient> => {
    // Frames come and go in callbacks; a line is begun when it is said, so they keep their order.
    let unsaid = 0
    let leftOut = 0
    const begin = (line: string): void => {
      unsaid++
      Effect.runFork(
        Effect.ensuring(
          say(line),
          Effect.sync(() => unsaid--)
        )
      )
    }
    const note = (line: string): void => {
      if (unsaid >= backlog) {
        leftOut++
        return
      }
      if (leftOut > 0) begin(`${leftOut} lines are left out, which nobody read in time`)
      leftOut = 0
      begin(line)
    }
    return effect.pipe(
      Effect.updateService(WireConstructor, (open) => wire(open, note)),
      Effect.updateService(HttpClient.HttpClient, (client) => http(client, note))
    )
  }

const wire =
  (open: WireConstructor["Type"], note: (line: string) => void): WireConstructor["Type"] =>
  (request, listener) => {
    note(`→ upgrade, offering ${request.subprotocols.join(", ")}`)
    const opened: Wire = open(request, {
      ...listener,
      onOpen: (subprotocol) => {
        note(`← open, ${subprotocol || "without a subprotocol"}`)
        listener.onOpen(subprotocol)
      },
      onFrame: (frame) => {
        note(typeof frame === "string" ? `← ${frame}` : `← ${frame.byteLength} bytes`)
        listener.onFrame(frame)
      },
      onEnd: (end) => {
        note(`← ${describe(end)}`)
        listener.onEnd(end)
      }
    })
    return {
      ...opened,
      send: (text) => {
        note(`→ ${text}`)
        opened.send(text)
      },
      close: (code, reason) => {
        note(`→ close ${code} ${reason}`.trimEnd())
        opened.close(code, reason)
      }
    }
  }

const describe = (end: WireEnd): string => {
  switch (end._tag) {
    case "Closed":
      return `closed ${end.code} ${end.reason}`.trimEnd()
    case "Rejected":
      return `HTTP status ${end.status}, no upgrade`
    case "Violated":
      return `broke WebSocket, ${end.code}`
    case "Failed":
      return "failed"
  }
}

const http = (client: HttpClient.HttpClient, note: (line: string) => void): HttpClient.HttpClient =>
  client.pipe(
    HttpClient.tapRequest(({ body, method }) =>
      Effect.sync(() => {
        const text = body._tag === "Uint8Array" ? ` ${new TextDecoder().decode(body.body)}` : ""
        note(`→ ${method}${text}`)
      })
    ),
    HttpClient.tap(({ headers, status }) =>
      Effect.sync(() => note(`← HTTP status ${status}, ${headers["content-type"] ?? "no content"}`))
    )
  )
