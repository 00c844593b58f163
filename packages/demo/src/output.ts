/** Where the demo writes to. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

export class Output extends Context.Tag("@fiberline/demo/Output")<
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

const writer = (stream: NodeJS.WritableStream) => (line: string) =>
  // Until it is written: a slow reader holds back the subscription, not our memory.
  Effect.async<void>((resume) => {
    stream.write(`${line}\n`, () => resume(Effect.void))
  })

/** The process's own. */
export const layer: Layer.Layer<Output> = Layer.sync(Output, () => ({
  out: writer(process.stdout),
  err: writer(process.stderr),
  // https://no-color.org
  colours: process.stdout.isTTY && !process.env["NO_COLOR"]
}))
