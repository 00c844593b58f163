/** Names, by the system's resolver, which is not waited for longer than anybody wants to. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeProber from "../../src/doctor/nodeProber.js"
import { Prober } from "../../src/doctor/prober.js"

const lookup = (host: string) =>
  Effect.flatMap(Prober, ({ lookup }) => lookup(host)).pipe(Effect.provide(NodeProber.layer()))

/** In place of Node, something that writes down who it is, and never ends. */
const stuck = Effect.gen(function* () {
  const directory = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "lookup-"))),
    (directory) => Effect.sync(() => rmSync(directory, { recursive: true }))
  )
  const { execPath } = process
  const program = join(directory, "stuck")
  writeFileSync(program, `#!/bin/sh\necho $$ > ${directory}/pid\nexec sleep 60\n`)
  chmodSync(program, 0o755)
  yield* Effect.acquireRelease(
    Effect.sync(() => (process.execPath = program)),
    () => Effect.sync(() => (process.execPath = execPath))
  )
  const pid = Effect.try(() => Number(readFileSync(join(directory, "pid"), "utf8"))).pipe(
    Effect.filterOrFail((pid) => pid > 0),
    Effect.retry({ schedule: Schedule.spaced("10 millis") }),
    Effect.timeout("5 seconds")
  )
  return { pid }
})

describe("a lookup", () => {
  it.live("finds this machine, takes an address for what it is, and says what is not there", () =>
    Effect.gen(function* () {
      const { addresses, ms } = yield* lookup("localhost")
      assert.include(addresses, "127.0.0.1")
      assert.isAbove(ms, 0)
      assert.deepStrictEqual(yield* lookup("::1"), { addresses: ["::1"], ms: 0 })
      const failure = yield* Effect.flip(lookup("no-such-host.invalid"))
      assert.strictEqual(failure._tag, "SystemFailure")
    })
  )

  it.scopedLive("that is interrupted leaves no process", () =>
    Effect.gen(function* () {
      const { pid } = yield* stuck
      const fiber = yield* Effect.fork(lookup("example.com"))
      const id = yield* pid
      assert.isTrue(isAlive(id))
      yield* Fiber.interrupt(fiber)
      const gone = Effect.sync(() => isAlive(id)).pipe(
        Effect.delay("10 millis"),
        Effect.repeat({ until: (alive) => !alive }),
        Effect.timeoutOption("5 seconds")
      )
      assert.isTrue(Option.isSome(yield* gone))
    })
  )
})

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
