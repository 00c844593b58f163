/** The quick ones, for real, where this machine can: the program itself, as `pnpm faults` runs it. */
import { assert, describe, it } from "@effect/vitest"
import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { createRequire } from "node:module"
import { text as read } from "node:stream/consumers"
import { setTimeout as delay } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { beforeAll } from "vitest"
import type { Report } from "../src/report.js"
import { scenarios } from "../src/scenarios.js"

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

const start = (...args: ReadonlyArray<string>) =>
  spawn(process.execPath, [path("../dist/main.js"), ...args], {
    stdio: ["ignore", "pipe", "inherit"]
  })

/** The namespaces that a run has made. */
const namespacesOf = (pid: number | undefined): ReadonlyArray<string> =>
  spawnSync("ip", ["netns", "list"], { encoding: "utf8" })
    .stdout.split("\n")
    .filter((line) => line.startsWith(`fiberline-faults-${pid}-`))

let report: Report
let exitCode: number | null
let pid: number | undefined

beforeAll(async () => {
  // Nothing to do after `pnpm check`, which is what `npm test` begins with.
  const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc")
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-b", path("../tsconfig.src.json")])
  assert.strictEqual(status, 0, String(stdout))

  // Other tests share the processors, so much later is not too late here. `pnpm faults` is stricter.
  const args = ["--quick", "--cycles", "0", "--tolerance", "3000", "--json"]
  const child = start(...args)
  const closed = once(child, "close")
  // Type boundary: what `--json` promises to print.
  report = JSON.parse(await read(child.stdout)) as Report
  await closed
  exitCode = child.exitCode
  pid = child.pid
  if (report.skipped !== undefined) console.log(`no real faults here: ${report.skipped}`)
}, 300_000)

describe("a network that the kernel breaks", () => {
  for (const { isQuick, name } of scenarios()) {
    if (!isQuick) continue
    it(name, ({ skip }) => {
      if (report.skipped !== undefined) skip(report.skipped)
      const result = report.scenarios.find((result) => result.name === name)
      assert.isDefined(result)
      assert.deepStrictEqual(result.problems, [])
    })
  }

  it("leaves no namespace behind, and says that all is well", ({ skip }) => {
    if (report.skipped !== undefined) skip(report.skipped)
    assert.strictEqual(exitCode, 0)
    assert.deepStrictEqual(namespacesOf(pid), [])
  })

  it("nor when it is interrupted", { timeout: 60_000 }, async ({ skip }) => {
    if (report.skipped !== undefined) skip(report.skipped)
    const child = start("--only", "black hole, idle")
    const closed = once(child, "close")
    while (namespacesOf(child.pid).length < 2) await delay(20)
    child.kill("SIGTERM")
    await closed
    assert.strictEqual(child.exitCode, 143)
    assert.deepStrictEqual(namespacesOf(child.pid), [])
  })
})
