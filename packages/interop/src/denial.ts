/** One subscription that is refused, beside another on the same connection that is not. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import type { Check } from "./checks.js"
import * as Client from "./client.js"
import { isOperationError } from "./errors.js"
import * as Operations from "./operations.js"
import { tell, unexpected, within } from "./outcome.js"

export const denial: Check = ({ guardedServer, transport }) =>
  Effect.gen(function* () {
    const { port } = yield* guardedServer
    const client = yield* Client.make(transport, port, {
      reconnect: false,
      denied: (body) => body.includes("count")
    })
    const sibling = yield* client.subscription(Operations.Ticks)
    yield* sibling.established.pipe(within("10 seconds", "the sibling to be established"))
    const denied = yield* client
      .subscribe(Operations.Count, { variables: { to: 1 } })
      .pipe(Stream.runDrain, Effect.exit, within("10 seconds", "an OperationError"))
    if (!isOperationError(denied, () => true)) {
      return yield* unexpected("an OperationError", tell(denied))
    }
    const after = yield* Effect.fork(Effect.repeatN(Effect.exit(sibling.take), 2))
    const exit = yield* Fiber.join(after).pipe(within("10 seconds", "ticks for the sibling"))
    if (exit._tag === "Failure") return yield* unexpected("ticks for the sibling", tell(exit))
    return tell(denied)
  })
