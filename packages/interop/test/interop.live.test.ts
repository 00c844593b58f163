/** The quick ones, for real: the program itself, as `pnpm interop` runs it. */
import { assert, describe, it } from "@effect/vitest"
import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { existsSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { text as read } from "node:stream/consumers"
import { setTimeout as delay } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { beforeAll } from "vitest"
import { catalogue, waysTo } from "../src/catalogue.js"
import { features } from "../src/features.js"
import type { Report } from "../src/report.js"

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

const start = (...args: ReadonlyArray<string>) =>
  spawn(process.execPath, [path("../dist/main.js"), ...args], { stdio: ["ignore", "pipe", "pipe"] })

/** The processes that a process has started, as Linux knows them. */
const childrenOf = (pid: number | undefined): ReadonlyArray<number> =>
  (readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").match(/\d+/g) ?? []).map(Number)

const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

let report: Report
let exitCode: number | null

beforeAll(async () => {
  // Nothing to do after `pnpm check`, which is what `npm test` begins with.
  const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc")
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-b", path("../tsconfig.src.json")])
  assert.strictEqual(status, 0, String(stdout))

  // Other tests share the processors, so much later is not too late here.
  const child = start("--quick", "--json", "--tolerance", "3000")
  child.stderr.resume()
  const closed = once(child, "close")
  // Type boundary: what `--json` promises to print.
  report = JSON.parse(await read(child.stdout)) as Report
  await closed
  exitCode = child.exitCode
}, 120_000)

describe("servers that others wrote", () => {
  for (const subject of catalogue) {
    const { isQuick, lacks, name } = subject
    if (!isQuick) continue
    for (const transport of waysTo(subject)) {
      it(`${name}, ${transport}`, () => {
        const row = report.servers.find((row) => row.name === name && row.transport === transport)
        assert.isDefined(row)
        assert.match(row.version, /^\d+\.\d+\.\d+$/)
        assert.deepStrictEqual(
          row.checks.map(({ feature }) => feature),
          [...features]
        )
        for (const { feature, ok, why } of row.checks) {
          if (lacks[transport] !== undefined) assert.isNull(ok, feature)
          else assert.notStrictEqual(ok, false, `${feature}: ${why}`)
          assert.isNotEmpty(why, feature)
        }
      })
    }
  }

  it("are all well, says the exit code", () => {
    assert.strictEqual(exitCode, 0)
  })

  it("end with the program, also when it is killed", async ({ skip }) => {
    if (!existsSync(`/proc/${process.pid}/task/${process.pid}/children`)) skip("this is no Linux")
    const child = start("--only", "graphql-ws-5,graphql-ws-6")
    const closed = once(child, "close")
    let servers: ReadonlyArray<number> = []
    while (servers.length < 2) {
      await delay(20)
      servers = childrenOf(child.pid)
    }
    child.kill("SIGKILL")
    await closed
    while (servers.some(isThere)) await delay(20)
  })
})
