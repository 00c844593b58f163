/** Where a command reads from that is given no file: standard input. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

export class Input extends Context.Tag("@fiberline/cli/Input")<
  Input,
  {
    /** Whether somebody would have to type it. */
    readonly isTerminal: boolean
    /** Everything up to its end: as long as whoever writes it takes. */
    readonly text: Effect.Effect<string>
  }
>() {}

/** The process's own. Interrupted, it is let go, or the process would wait for it. */
export const layer: Layer.Layer<Input> = Layer.sync(Input, () => ({
  isTerminal: process.stdin.isTTY,
  text: Effect.async<string>((resume) => {
    let text = ""
    process.stdin
      .setEncoding("utf8")
      .on("data", (chunk) => (text += String(chunk)))
      .once("end", () => resume(Effect.succeed(text)))
      .once("error", () => resume(Effect.succeed(text)))
    return Effect.sync(() => process.stdin.destroy())
  })
}))
