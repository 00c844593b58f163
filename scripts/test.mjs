// `npm test`: everything a change has to pass, in one run that goes on after a failure, closed by one
// line that counts it all. Tests count one by one, every other step as one.
import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { performance } from "node:perf_hooks"
import process from "node:process"
import { root, setup } from "./setup.mjs"
import { tool } from "./tool.mjs"

setup()

const env = { ...process.env }
// Some tools colour a log that nobody sees in a terminal.
if (!process.stdout.isTTY && !("FORCE_COLOR" in env)) env.NO_COLOR = "1"

const reports = mkdtempSync(join(tmpdir(), "fiberline-test-"))
const vitestReport = join(reports, "vitest.json")
const typetestReport = join(reports, "typetest.json")

/** Runs a script at the root with node, in view. True when it exits with 0. */
const node = (...args) =>
  spawnSync(process.execPath, args, {
    cwd: root,
    env: { ...env, TYPETEST_COUNTS: typetestReport },
    stdio: ["ignore", "inherit", "inherit"]
  }).status === 0

const one = (ok) => ({ passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 })

/** What a test runner counted. A run that failed counts as a failure even when no test of it did. */
const many = (ok, file, countsOf) => {
  let counts = { passed: 0, failed: 0, skipped: 0 }
  let problem
  try {
    counts = countsOf(JSON.parse(readFileSync(file, "utf8")))
    if (counts.passed + counts.failed === 0) problem = "No test ran."
  } catch {
    problem = "The test runner left no report."
  }
  if (!ok && counts.failed === 0) problem ??= "The test runner failed outside of a test."
  if (problem === undefined) return counts
  console.error(problem)
  return { ...counts, failed: counts.failed + 1 }
}

const steps = {
  types: () => one(node(tool("typescript", "tsc"), "-b")),
  lint: () => one(node(tool("eslint"), "--max-warnings", "0", ".")),
  format: () => one(node(tool("prettier"), "--check", "--log-level", "warn", ".")),
  exports: () => one(node("scripts/exports.mjs", "--check")),
  "type tests": () => {
    const reporters = "list,summary,./scripts/typetest-counts.mjs"
    const ok = node(tool("tstyche"), "--reporters", reporters)
    return many(ok, typetestReport, (counts) => counts)
  },
  tests: () => {
    const output = ["--reporter=default", "--reporter=json", `--outputFile.json=${vitestReport}`]
    const ok = node(tool("vitest"), "run", "--config", "vitest.workspace.ts", ...output)
    return many(ok, vitestReport, (report) => ({
      passed: report.numPassedTests,
      failed: report.numFailedTests,
      skipped: report.numPendingTests + report.numTodoTests
    }))
  },
  published: () => one(node("scripts/published.mjs"))
}

const total = { passed: 0, failed: 0, skipped: 0 }
for (const [name, step] of Object.entries(steps)) {
  console.log(`\n== ${name}`)
  const start = performance.now()
  const counts = step()
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  console.log(`== ${name} ${counts.failed === 0 ? "ok" : "FAILED"} in ${seconds} s`)
  for (const key of Object.keys(total)) total[key] += counts[key]
}

rmSync(reports, { recursive: true, force: true })
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : ""
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`)
process.exitCode = total.failed > 0 ? 1 : 0
