/** The demo as a process of its own: its signals, its exit code, and that it ends by itself. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import { spawn, spawnSync } from "node:child_process"
import { createRequire } from "node:module"
import { fileURLToPath } from "node:url"
import { beforeAll } from "vitest"
import * as Server from "../src/server.js"

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

beforeAll(() => {
  // Nothing to do after `pnpm check`, which is what `npm test` begins with.
  const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc")
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-b", path("../tsconfig.src.json")])
  assert.strictEqual(status, 0, String(stdout))
}, 60_000)

/** Starts the demo, and kills it with the scope if it has not ended. */
const start = (...args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const out = yield* Queue.unbounded<string>()
    const exit = yield* Queue.unbounded<number | null>()
    const child = yield* Effect.acquireRelease(
      Effect.sync(() => spawn(process.execPath, [path("../dist/main.js"), ...args])),
      (child) => Effect.sync(() => child.kill("SIGKILL"))
    )
    let err = ""
    child.stdout.setEncoding("utf8").on("data", (text) => Queue.unsafeOffer(out, text))
    child.stderr.setEncoding("utf8").on("data", (text) => (err += text))
    // 'close' comes after the last of the output.
    child.on("close", (code) => Queue.unsafeOffer(exit, code))
    return { child, out, exitCode: Queue.take(exit), err: () => err }
  })

const awaitOutput = (out: Queue.Dequeue<string>, text: string) => {
  let all = ""
  return Effect.repeat(
    Effect.map(Queue.take(out), (more) => (all += more)),
    { until: (all) => all.includes(text) }
  )
}

describe("the process", () => {
  it.scopedLive("ends by itself, with one line of JSON and nothing else", () =>
    Effect.gen(function* () {
      const { err, exitCode, out } = yield* start("--json")
      assert.strictEqual(yield* exitCode, 0)
      assert.strictEqual(err(), "")
      const lines = Array.from(yield* Queue.takeAll(out))
        .join("")
        .split("\n")
      assert.lengthOf(lines, 2)
      assert.strictEqual(lines[1], "")
      assert.doesNotThrow(() => JSON.parse(lines[0]!))
    })
  )

  const signals = [
    ["SIGINT", 130],
    ["SIGTERM", 143]
  ] as const
  for (const [signal, expected] of signals) {
    it.scopedLive(`closes on ${signal} and exits with ${expected}`, () =>
      Effect.gen(function* () {
        const { port } = yield* Server.make
        const { child, err, exitCode, out } = yield* start(
          ...["--url", `ws://127.0.0.1:${port}${Server.path}`],
          ...["--query", "subscription { events { number } }"]
        )
        yield* awaitOutput(out, "event 2")
        child.kill(signal)
        // A second one, as of somebody impatient, does not cut the closing short.
        child.kill(signal)
        assert.strictEqual(yield* exitCode, expected)
        assert.strictEqual(err(), "")
      })
    )
  }

  it.scopedLive("stops in the middle of the demo", () =>
    Effect.gen(function* () {
      const { child, err, exitCode, out } = yield* start()
      yield* awaitOutput(out, "goes silent, and the client is closed")
      child.kill("SIGINT")
      assert.strictEqual(yield* exitCode, 130)
      assert.strictEqual(err(), "")
    })
  )

  it.scopedLive("stops when nobody reads it any more", () =>
    Effect.gen(function* () {
      const { child, err, exitCode, out } = yield* start()
      yield* awaitOutput(out, "Act 1")
      child.stdout.destroy()
      assert.strictEqual(yield* exitCode, 141)
      assert.strictEqual(err(), "")
    })
  )
})
