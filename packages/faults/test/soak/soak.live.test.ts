/** A soak that is small and short, as a process: that it is clean, and that it can be otherwise. */
import { assert, describe, it } from "@effect/vitest"
import { spawn, spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll } from "vitest"

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))
const reports = mkdtempSync(join(tmpdir(), "fiberline-soak-"))

beforeAll(() => {
  // Nothing to do after `pnpm check`, which is what `npm test` begins with.
  const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc")
  const args = [tsc, "-b", path("../../tsconfig.src.json")]
  const { status, stdout } = spawnSync(process.execPath, args)
  assert.strictEqual(status, 0, String(stdout))
}, 120_000)

afterAll(() => rmSync(reports, { recursive: true, force: true }))

interface Outcome {
  readonly exitCode: number | null
  readonly out: string
  readonly err: string
}

const soak = (...args: ReadonlyArray<string>): Promise<Outcome> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [path("../../dist/soak/main.js"), ...args])
    let out = ""
    let err = ""
    child.stdout.setEncoding("utf8").on("data", (text) => (out += text))
    child.stderr.setEncoding("utf8").on("data", (text) => (err += text))
    child.on("close", (exitCode) => resolve({ exitCode, out, err }))
  })

interface Outline {
  readonly seed: number
  readonly events: number
  readonly leaked: { readonly sockets: number; readonly descriptors: number }
  readonly flat: boolean | null
  readonly violations: ReadonlyArray<{ readonly invariant: number; readonly what: string }>
}

/** How late a machine is that runs other tests too is not for a test to judge. */
const isNotOfTime = ({ invariant }: Outline["violations"][number]): boolean =>
  ![2, 3, 15].includes(invariant)

const small = ["--minutes", "0.1", "--seed", "1", "--endpoints", "2", "--subscriptions", "20"]

/** Most of it is waiting, but its processes have to start, on a machine that may be busy. */
const timeout = 150_000

// Elsewhere it says that it needs Linux, and that is all.
const canSoak = existsSync("/proc/self/net/tcp")

describe.concurrent("pnpm soak", () => {
  it(
    "violates nothing, leaves nothing, and ends by itself with one line of JSON and a plot",
    async () => {
      if (!canSoak) return console.log("no /proc here: nothing was soaked")
      const plot = join(reports, "clean.svg")
      const { err, exitCode, out } = await soak(...small, "--json", "--plot", plot)
      assert.match(out, /^[^\n]+\n$/)
      const report: Outline = JSON.parse(out)
      assert.deepStrictEqual(report.violations.filter(isNotOfTime), [], err)
      assert.strictEqual(exitCode, report.violations.length === 0 ? 0 : 1, err)
      assert.strictEqual(report.seed, 1)
      assert.isAbove(report.events, 0)
      assert.deepStrictEqual(report.leaked, { sockets: 0, descriptors: 0 })
      // Nobody knows after six seconds.
      assert.isNull(report.flat)
      assert.match(readFileSync(plot, "utf8"), /^<svg /)
    },
    timeout
  )

  it(
    "finds what is wrong with servers that lie",
    async () => {
      if (!canSoak) return console.log("no /proc here: nothing was soaked")
      const plot = join(reports, "altered.svg")
      const { err, exitCode, out } = await soak(
        ...small,
        "--json",
        "--lie",
        "altered",
        "--plot",
        plot
      )
      assert.strictEqual(exitCode, 1, err)
      const { violations }: Outline = JSON.parse(out)
      assert.isTrue(
        violations.some(({ invariant, what }) => invariant === 5 && /altered/.test(what))
      )
      assert.match(readFileSync(plot, "utf8"), /class="violation"/)
    },
    timeout
  )

  it("refuses a command line that makes no sense with 2, and says what to do", async () => {
    const { err, exitCode, out } = await soak("--minutes", "never")
    assert.strictEqual(exitCode, 2)
    assert.strictEqual(out, "")
    assert.include(err, "--minutes must be a number")
    assert.include(err, "Usage")
  })
})
