/** Programs of the system that do one thing and end: `ip`, `nft`, `tc`, `apt-get`. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { execFile } from "node:child_process"

export class CommandFailed extends Data.TaggedError("CommandFailed")<{
  readonly command: string
  readonly output: string
}> {
  override get message(): string {
    return `${this.command}: ${this.output.trim().replaceAll("\n", "; ")}`
  }
}

/**
 * Runs a program to its end, ten seconds at most, and gives what it wrote to stdout. `input` is what
 * it reads from stdin.
 */
export const command = (
  line: readonly [program: string, ...args: ReadonlyArray<string>],
  { input = "", timeout = 10_000 }: { readonly input?: string; readonly timeout?: number } = {}
): Effect.Effect<string, CommandFailed> =>
  Effect.async((resume) => {
    const [program, ...args] = line
    // Bounded by the process itself, for finalizers, which cannot be interrupted.
    const options = { timeout, killSignal: "SIGKILL" } as const
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) return resume(Effect.succeed(stdout))
      const output = stderr.trim() === "" ? error.message : stderr
      resume(Effect.fail(new CommandFailed({ command: line.join(" "), output })))
    })
    // It may end without having read what it was to read.
    child.stdin?.on("error", () => {}).end(input)
    return Effect.sync(() => child.kill("SIGKILL"))
  })
