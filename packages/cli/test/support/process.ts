/** The command as a process of its own, as a shell would start it. */
import { assert } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import * as Queue from "effect/Queue"
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { createRequire } from "node:module"
import { fileURLToPath } from "node:url"

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

export const main = path("../../dist/main.js")

/** Nothing to do after `pnpm check`, which is what `npm test` begins with. */
export const build = (): void => {
  const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc")
  const { status, stdout } = spawnSync(process.execPath, [
    ...[tsc, "-b", path("../../tsconfig.src.json")]
  ])
  assert.strictEqual(status, 0, String(stdout))
}

/** Of the environment nothing but what a test gives, so that it is the same everywhere. */
const environment = (env: { readonly [name: string]: string }) => ({
  PATH: process.env["PATH"] ?? "",
  ...env
})

/** Kills it with the scope if it has not ended. */
const follow = (spawned: () => ChildProcess) =>
  Effect.gen(function* () {
    const out = yield* Queue.unbounded<string>()
    const exit = Deferred.unsafeMake<number | null>(FiberId.none)
    const child = yield* Effect.acquireRelease(Effect.sync(spawned), (child) =>
      Effect.sync(() => child.kill("SIGKILL"))
    )
    let all = ""
    let err = ""
    child.stdout?.setEncoding("utf8").on("data", (text) => {
      all += text
      Queue.unsafeOffer(out, text)
    })
    child.stderr?.setEncoding("utf8").on("data", (text) => (err += text))
    const exited = Deferred.unsafeMake<number | null>(FiberId.none)
    child.on("exit", (code) => Deferred.unsafeDone(exited, Effect.succeed(code)))
    // 'close' comes after the last of the output.
    child.on("close", (code) => Deferred.unsafeDone(exit, Effect.succeed(code)))

    /** Waits for a text, from where the last one that was waited for ended. */
    let seen = ""
    const awaitOutput = (text: string) =>
      Effect.gen(function* () {
        while (!seen.includes(text)) seen += yield* Queue.take(out)
        seen = seen.slice(seen.indexOf(text) + text.length)
      }).pipe(
        Effect.timeoutFail({
          duration: "20 seconds",
          onTimeout: () => new Error(`waited in vain for ${text}, got ${all} and ${err}`)
        })
      )
    const awaitError = (text: string) =>
      Effect.repeat(
        Effect.delay(
          Effect.sync(() => err),
          20
        ),
        { until: (err) => err.includes(text) }
      )
    return {
      child,
      awaitOutput,
      awaitError,
      exitCode: Deferred.await(exit),
      /** The same, whether or not anybody has read what it has written. */
      exited: Deferred.await(exited),
      out: () => all,
      err: () => err
    }
  })

export interface Options {
  readonly env?: { readonly [name: string]: string }
  /** `null` for one that never ends. */
  readonly stdin?: string | null
}

export const startIn = ({ env = {}, stdin }: Options, ...args: ReadonlyArray<string>) =>
  follow(() => {
    const child = spawn(process.execPath, [main, ...args], { env: environment(env) })
    if (stdin !== null) child.stdin.end(stdin)
    return child
  })

export const start = (...args: ReadonlyArray<string>) => startIn({}, ...args)

/** Runs it to its end. */
export const runIn = (options: Options, ...args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const { err, exitCode, out } = yield* startIn(options, ...args)
    return { exitCode: yield* exitCode, out: out(), err: err() }
  }).pipe(Effect.scoped)

export const run = (...args: ReadonlyArray<string>) => runIn({}, ...args)

/** Has a shell run a line, in which `fiberline` is the command. */
export const shell = (line: string, env: Options["env"] = {}) =>
  follow(() =>
    spawn("bash", ["-c", `fiberline() { "$NODE" "$MAIN" "$@"; }; ${line}`], {
      env: environment({ ...env, NODE: process.execPath, MAIN: main }),
      stdio: ["ignore", "pipe", "pipe"]
    })
  )

/** In a terminal: what both its outputs show there is `out`, and what is typed goes in by `child.stdin`. */
export const terminal = (env: Options["env"], ...args: ReadonlyArray<string>) => {
  const quoted = [process.execPath, main, ...args].map((arg) => `'${arg.replaceAll("'", "'\\''")}'`)
  return follow(() =>
    spawn(
      "script",
      ["--quiet", "--return", "--flush", "--command", quoted.join(" "), "/dev/null"],
      {
        env: environment({ TERM: "xterm-256color", SHELL: "/bin/sh", ...env })
      }
    )
  )
}

/** Has a shell run a line in a terminal. */
export const terminalShell = (line: string, env: Options["env"] = {}) => {
  const defined = `fiberline() { "$NODE" "$MAIN" "$@"; }; ${line}`
  return follow(() =>
    spawn("script", ["--quiet", "--return", "--flush", "--command", defined, "/dev/null"], {
      env: environment({
        ...{ TERM: "xterm-256color", SHELL: "/bin/sh", NODE: process.execPath, MAIN: main },
        ...env
      })
    })
  )
}

/** That there is a terminal to be had. A machine without one says so, and does not pass. */
export const requireTerminal = (): void => {
  const { error } = spawnSync("script", ["--version"])
  assert.isUndefined(error, "these tests need the command `script`, of util-linux")
}
