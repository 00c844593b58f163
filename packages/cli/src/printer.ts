/** Prints results, and knows what it has printed. */
import type { Result } from "@fiberline/client/Operation"
import * as Effect from "effect/Effect"
import type { Conceal } from "./conceal.js"
import { Output } from "./output.js"
import { paint } from "./paint.js"
import { describeError, type Format, render } from "./render.js"
import { Status } from "./status.js"

export interface Printer {
  readonly result: (result: Result<unknown>) => Effect.Effect<void>
  readonly count: () => number
  /** The same in words. */
  readonly seen: () => string
  readonly hadErrors: () => boolean
}

export const make = (
  format: Format,
  hide: Conceal
): Effect.Effect<Printer, never, Output | Status> =>
  Effect.gen(function* () {
    const { colours, out } = yield* Output
    const { complain, settled } = yield* Status
    const colour = paint(colours)
    let count = 0
    let hadErrors = false
    return {
      result: (result) =>
        Effect.suspend(() => {
          count++
          const shown = hide(result)
          // Both may be the same terminal.
          const print = Effect.zipRight(settled, out(render(shown, format, colour)))
          if (shown.errors.length === 0) return print
          hadErrors = true
          const errors = shown.errors.map((error) => complain(describeError(error)))
          return Effect.zipRight(print, Effect.all(errors, { discard: true }))
        }),
      count: () => count,
      seen: () => (count === 1 ? "1 result" : `${count} results`),
      hadErrors: () => hadErrors
    }
  })
