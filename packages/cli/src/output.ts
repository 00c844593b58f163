/** Where a command writes to. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"

export class Output extends Context.Tag("@fiberline/cli/Output")<
  Output,
  {
    /** For results: a line. */
    readonly out: (line: string) => Effect.Effect<void>
    /** For complaints: a line. */
    readonly err: (line: string) => Effect.Effect<void>
    /** Whether whoever reads the results sees colours. */
    readonly colours: boolean
  }
>() {}

/** The terminal behind stderr, where there is one. */
export class Screen extends Context.Tag("@fiberline/cli/Screen")<
  Screen,
  Option.Option<{
    /** Writes as it is, without a line's end. */
    readonly write: (text: string) => Effect.Effect<void>
    readonly colours: boolean
  }>
>() {}

const writer =
  (stream: NodeJS.WritableStream) =>
  (text: string): Effect.Effect<void> =>
    // Until it is written: a slow reader holds back the subscription, not our memory.
    Effect.async<void>((resume) => {
      stream.write(text, () => resume(Effect.void))
    })

const lines = (stream: NodeJS.WritableStream) => {
  const write = writer(stream)
  return (line: string) => write(`${line}\n`)
}

// https://no-color.org
const wantsColours = (): boolean => !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb"

/** The process's own. */
export const layer: Layer.Layer<Output> = Layer.sync(Output, () => ({
  out: lines(process.stdout),
  err: lines(process.stderr),
  colours: process.stdout.isTTY && wantsColours()
}))

/** The process's own. */
export const screenLayer: Layer.Layer<Screen> = Layer.sync(Screen, () =>
  process.stderr.isTTY && process.env["TERM"] !== "dumb"
    ? Option.some({ write: writer(process.stderr), colours: wantsColours() })
    : Option.none()
)
