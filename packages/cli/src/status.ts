/**
 * What is said on stderr while a command runs: lines, and in a terminal what is being waited for, with a
 * spinner, once that takes long.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Output, Screen } from "./output.js"
import { type Paint, paint, type Style } from "./paint.js"

const marks = {
  note: ["·", "dim"],
  good: ["✓", "green"],
  gap: ["↷", "yellow"],
  warning: ["!", "yellow"],
  failure: ["✗", "red"]
} as const satisfies { readonly [name: string]: readonly [mark: string, style: Style] }

export class Status extends Context.Tag("@fiberline/cli/Status")<
  Status,
  {
    /** How things stand: not said to whoever wants it quiet. */
    readonly tell: (mark: keyof typeof marks, line: string) => Effect.Effect<void>
    /** What went wrong, to everybody. */
    readonly complain: (...lines: ReadonlyArray<string>) => Effect.Effect<void>
    /** What is being waited for from now on. */
    readonly waitFor: (what: string) => Effect.Effect<void>
    /** Nothing is waited for any more. */
    readonly settled: Effect.Effect<void>
  }
>() {}

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]

/** In milliseconds: what takes less is not worth a spinner. */
const patience = 400
const pace = 100

const clear = "\r\u001b[K"

export const layer = ({
  quiet
}: {
  readonly quiet: boolean
}): Layer.Layer<Status, never, Output | Screen> =>
  Layer.scoped(
    Status,
    Effect.gen(function* () {
      const { err } = yield* Output
      const screen = yield* Screen
      const colour = paint(Option.exists(screen, ({ colours }) => colours))
      const spinner = yield* Option.match(quiet ? Option.none() : screen, {
        onNone: () => Effect.succeed(none),
        onSome: ({ write }) => spin(write, colour)
      })
      const say = (line: string) => Effect.zipRight(spinner.clear, err(line))
      return {
        tell: (kind, line) => {
          const [mark, style] = marks[kind]
          const shown = kind === "note" ? colour("dim", line) : line
          return quiet ? Effect.void : say(`${colour(style, mark)} ${shown}`)
        },
        complain: (...lines) => {
          const [mark, style] = marks.failure
          const [first = "", ...more] = lines
          return say(
            [`${colour(style, mark)} ${first}`, ...more.map((line) => `  ${line}`)].join("\n")
          )
        },
        waitFor: (what) => Effect.zipRight(spinner.clear, spinner.waitFor(what)),
        settled: Effect.zipRight(spinner.waitFor(undefined), spinner.clear)
      }
    })
  )

const none = { waitFor: (_: string | undefined) => Effect.void, clear: Effect.void }

const spin = (write: (text: string) => Effect.Effect<void>, colour: Paint) =>
  Effect.gen(function* () {
    let waiting: { readonly what: string; readonly since: number } | undefined
    let isDrawn = false

    const clearLine = Effect.suspend(() => {
      if (!isDrawn) return Effect.void
      isDrawn = false
      return write(clear)
    })
    const draw = Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      if (waiting === undefined || now - waiting.since < patience) return
      const elapsed = now - waiting.since
      const frame = frames[Math.floor(elapsed / pace) % frames.length] ?? ""
      const seconds = elapsed >= 1000 ? colour("dim", ` ${Math.floor(elapsed / 1000)} s`) : ""
      isDrawn = true
      yield* write(`${clear}${colour("cyan", frame)} ${waiting.what}${seconds}`)
    })

    // Interrupted with the scope, and then nothing of it is left in the terminal.
    yield* Effect.addFinalizer(() => clearLine)
    yield* Effect.forkScoped(Effect.forever(Effect.delay(draw, pace)))
    return {
      waitFor: (what: string | undefined) =>
        Effect.map(Clock.currentTimeMillis, (since) => {
          waiting = what === undefined ? undefined : { what, since }
        }),
      clear: clearLine
    }
  })

/** Once, of whatever was given so that others can see it. */
export const warnOf = (exposed: ReadonlyArray<string>): Effect.Effect<void, never, Status> =>
  exposed.length === 0
    ? Effect.void
    : Effect.flatMap(Status, ({ tell }) =>
        tell(
          "warning",
          `${exposed.join(" and ")} can be seen by every process of this machine: ` +
            "'${NAME}' takes it from the environment, @file from a file"
        )
      )
