/** A query whose result comes in pieces. */
import * as IncrementalDelivery from "@fiberline/client/IncrementalDelivery"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { isDeepStrictEqual } from "node:util"
import type { Check } from "./checks.js"
import * as Client from "./client.js"
import * as Operations from "./operations.js"
import { unexpected, within } from "./outcome.js"
import { user } from "./schema.js"
import type { Transport } from "./transport.js"

/** First what is known at once, and last the whole. */
export const incrementalDelivery: Check = ({ incrementalServer, transport }) =>
  Effect.gen(function* () {
    const { port } = yield* incrementalServer
    const client = yield* Client.make(transport, port, { reconnect: false })
    const results = yield* IncrementalDelivery.stream(client, Operations.InPieces, {
      transport: routes[transport] ?? "websocket"
    }).pipe(Stream.runCollect, within("10 seconds", "a result in pieces"))
    const pieces = Chunk.toReadonlyArray(results)
    const [first, last] = [pieces[0], pieces.at(-1)]
    if (first?.hasNext !== true || first.result.user.biography !== undefined) {
      return yield* unexpected("first a result without what is deferred", pieces)
    }
    if (last?.hasNext !== false || !isDeepStrictEqual(last.result, { user })) {
      return yield* unexpected("the whole result as the last", pieces)
    }
    return `whole after ${pieces.length} pieces`
  })

/** All that are not here are WebSockets. */
const routes: { readonly [T in Transport]?: "websocket" | "http" | "sse" } = {
  http: "http",
  sse: "sse",
  "sse-single": "sse",
  multipart: "http"
}
