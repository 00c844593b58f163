/** Prints results, and knows what it has printed. */
import type { Result } from "@fiberline/client/Operation"
import * as Effect from "effect/Effect"
import type { Conceal } from "./conceal.js"
import { Ended, ExitCode } from "./exit.js"
import { Output } from "./output.js"
import { paint } from "./paint.js"
import { describeError, type Format, render } from "./render.js"
import { Status } from "./status.js"

export interface Printer {
  /** Fails for a result that is nested more deeply than the stack goes, of which there is no text. */
  readonly result: (result: Result<unknown>) => Effect.Effect<void, Ended>
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
    const tooDeep = Effect.zipRight(
      complain("a result is nested too deeply to be printed"),
      new Ended({ code: ExitCode.Protocol })
    )
    let count = 0
    let hadErrors = false
    return {
      result: (result) =>
        Effect.gen(function* () {
          count++
          const { errors, text } = yield* Effect.try(() => {
            const shown = hide(result)
            return { errors: shown.errors, text: render(shown, format, colour) }
          }).pipe(Effect.catchAll(() => tooDeep))
          // Both may be the same terminal.
          yield* settled
          yield* out(text)
          if (errors.length === 0) return
          hadErrors = true
          for (const error of errors) yield* complain(describeError(error))
        }),
      count: () => count,
      seen: () => (count === 1 ? "1 result" : `${count} results`),
      hadErrors: () => hadErrors
    }
  })
