/** A project in a directory of its own, that has installed the package as npm would give it. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { build } from "esbuild"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { root } from "./corpora.js"

const require = createRequire(import.meta.url)
const cli = join(dirname(require.resolve("@graphql-codegen/cli/package.json")), "esm", "bin.js")

export interface Run {
  readonly code: number | null
  readonly output: string
}

export interface Project {
  readonly path: (file: string) => string
  readonly write: (file: string, text: string) => void
  readonly read: (file: string) => string
  readonly has: (file: string) => boolean
  /** Runs Code Generator's command until it ends. */
  readonly run: (...args: ReadonlyArray<string>) => Effect.Effect<Run>
  /** Starts it, and ends it with the scope. */
  readonly start: (
    ...args: ReadonlyArray<string>
  ) => Effect.Effect<{ readonly output: () => string }, never, Scope.Scope>
}

export const project: Effect.Effect<Project, never, Scope.Scope> = Effect.gen(function* () {
  const directory = yield* Effect.acquireRelease(
    Effect.sync(() => realpathSync(mkdtempSync(join(tmpdir(), "fiberline-codegen-")))),
    (directory) =>
      Effect.sync(() => {
        rmSync(directory, { recursive: true, force: true })
      })
  )
  const path = (file: string) => join(directory, file)
  const write = (file: string, text: string) => {
    mkdirSync(dirname(path(file)), { recursive: true })
    writeFileSync(path(file), text)
  }
  const installed = path("node_modules/@fiberline/codegen")
  mkdirSync(installed, { recursive: true })
  copyFileSync(join(root, "package.json"), join(installed, "package.json"))
  yield* Effect.promise(() =>
    build({
      entryPoints: [join(root, "src/index.ts")],
      outfile: join(installed, "dist/index.js"),
      bundle: true,
      packages: "external",
      format: "esm",
      platform: "node"
    })
  )
  for (const name of ["graphql", "prettier"]) {
    symlinkSync(realpathSync(join(root, "node_modules", name)), path(`node_modules/${name}`))
  }
  write("package.json", `{ "type": "module" }`)

  const spawned = (args: ReadonlyArray<string>) => {
    const child = spawn(process.execPath, [cli, ...args], {
      cwd: directory,
      env: { ...process.env, NO_COLOR: "1", CI: "1", NODE_ENV: "", VITEST: "" }
    })
    let output = ""
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => (output += chunk.toString()))
    }
    return { child, output: () => output }
  }
  const started = (args: ReadonlyArray<string>) =>
    Effect.acquireRelease(
      Effect.sync(() => spawned(args)),
      ({ child }) => end(child)
    )
  return {
    path,
    write,
    read: (file) => readFileSync(path(file), "utf8"),
    has: (file) => existsSync(path(file)),
    run: (...args) =>
      Effect.scoped(
        Effect.flatMap(started(args), ({ child, output }) =>
          Effect.promise(async () => {
            if (child.exitCode === null) await once(child, "close")
            return { code: child.exitCode, output: output() }
          })
        )
      ),
    start: (...args) => started(args)
  }
})

const end = (child: ChildProcess) =>
  Effect.promise(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const closed = once(child, "close")
    child.kill("SIGKILL")
    await closed
  })
