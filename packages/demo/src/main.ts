/**
 * The process around `run`: its arguments, its signals, its exit code.
 *
 * It is not ended by `process.exit`: that it ends by itself shows that nothing was left open.
 */
import * as NodeWire from "@fiberline/node/NodeWire"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as Layer from "effect/Layer"
import * as Output from "./output.js"
import { run } from "./run.js"

const fiber = Effect.runFork(
  run(process.argv.slice(2)).pipe(Effect.provide(Layer.merge(NodeWire.layer(), Output.layer)))
)

/** The conventional 128 + signal. Not given twice: a second interrupt would cut the closing short. */
let interruptedWith: number | undefined = undefined
const interrupt = (exitCode: number): void => {
  if (interruptedWith !== undefined) return
  interruptedWith = exitCode
  fiber.unsafeInterruptAsFork(FiberId.none)
}
process.on("SIGINT", () => interrupt(130))
process.on("SIGTERM", () => interrupt(143))
// Whoever read us has gone, as `head` does: what SIGPIPE is for elsewhere.
process.stdout.on("error", () => interrupt(141))

fiber.addObserver((exit) => {
  process.exitCode = Exit.match(exit, {
    onSuccess: (exitCode) => interruptedWith ?? exitCode,
    onFailure: (cause) => {
      if (interruptedWith !== undefined && Cause.isInterruptedOnly(cause)) return interruptedWith
      console.error(Cause.pretty(cause))
      return 70
    }
  })
  // Unreferenced, so it fires only if something else keeps the process alive.
  setTimeout(() => {
    console.error(`Left open: ${process.getActiveResourcesInfo().join(", ")}`)
    process.exit(70)
  }, 2000).unref()
})
