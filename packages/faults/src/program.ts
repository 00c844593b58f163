/** The process around a run: its signals and its exit code. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"

/** For results. */
export const say = (text: string): void => void process.stdout.write(`${text}\n`)
/** For whoever waits for them. */
export const tell = (text: string): void => void process.stderr.write(`${text}\n`)

/**
 * Runs it, and has `report` tell what came of it and whether all is well. A signal interrupts it, so
 * that whatever ends it, what it made is removed first.
 */
export const start = <A, E>(
  run: Effect.Effect<A, E>,
  report: (result: A) => boolean,
  onEnd: () => void = () => {}
): void => {
  const fiber = Effect.runFork(run)

  /** The conventional 128 + signal. */
  let interruptedWith: number | undefined = undefined
  const interrupt = (exitCode: number): void => {
    if (interruptedWith !== undefined) return
    interruptedWith = exitCode
    fiber.unsafeInterruptAsFork(FiberId.none)
  }
  process.on("SIGINT", () => interrupt(130))
  process.on("SIGTERM", () => interrupt(143))

  fiber.addObserver((exit) => {
    process.exitCode = Exit.match(exit, {
      onSuccess: (result) => (report(result) ? 0 : 1),
      onFailure: (cause) => {
        if (interruptedWith !== undefined) return interruptedWith
        tell(Cause.pretty(cause))
        return 70
      }
    })
    onEnd()
  })
}
