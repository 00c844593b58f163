// `pnpm mutate`: mutation testing of core. Arguments go to Stryker. UPDATE_DOCS=1 writes the score into the
// documentation, unless arguments make it another one.
import { spawnSync } from "node:child_process"
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import process from "node:process"
import { root, setup } from "./setup.mjs"
import { tool } from "./tool.mjs"

setup()

const reportFile = join(root, "reports/mutation.json")
// Or a run that ends early would leave us the last one's.
rmSync(reportFile, { force: true })

const args = process.argv.slice(2)
const stryker = tool("@stryker-mutator/core", "stryker")
const { status } = spawnSync(process.execPath, [stryker, "run", ...args], {
  cwd: root,
  stdio: "inherit"
})
process.exitCode = status ?? 1

/** What became of some mutants, as a row of the table. */
const row = (name, mutants) => {
  const count = (status) => mutants.filter((mutant) => mutant.status === status).length
  const [killed, timedOut] = [count("Killed"), count("Timeout")]
  const [survived, uncovered] = [count("Survived"), count("NoCoverage")]
  const total = killed + timedOut + survived + uncovered
  const score = `${((100 * (killed + timedOut)) / total).toFixed(1)} %`
  return `| ${[name, total, killed, timedOut, survived, uncovered, score].join(" | ")} |`
}

/** The text between two places of a file, in one line. */
const textAt = (source, { end, start }) => {
  const lines = source.split("\n").slice(start.line - 1, end.line)
  lines.push(lines.pop().slice(0, end.column - 1))
  return lines.join(" ").slice(start.column - 1)
}

const survivorsOf = ([file, { mutants, source }]) =>
  mutants
    .filter(({ status }) => status === "Survived" || status === "NoCoverage")
    .map(({ location, replacement }) => {
      const [was, is] = [textAt(source, location), replacement].map((text) =>
        text.replaceAll(/\s+/g, " ")
      )
      return `- \`${basename(file, ".ts")}\`: \`${was}\` becomes \`${is}\``
    })

const tableOf = (files) =>
  [
    "| Module | Mutants | Killed | Timed out | Survived | Not covered | Score |",
    "| --- | --: | --: | --: | --: | --: | --: |",
    ...files.map(([file, { mutants }]) => row(`\`${basename(file, ".ts")}\``, mutants)),
    row(
      "all",
      files.flatMap(([, { mutants }]) => mutants)
    )
  ].join("\n")

if (process.env.UPDATE_DOCS === "1" && args.length === 0 && existsSync(reportFile)) {
  const report = JSON.parse(readFileSync(reportFile, "utf8"))
  const files = Object.entries(report.files).filter(([, { mutants }]) => mutants.length > 0)
  const survivors = files.flatMap(survivorsOf).join("\n")
  const document = join(root, "docs/reliability.md")
  const part = /(<!-- generated: mutation -->\n)[^]*?(<!-- \/generated -->)/
  const text = readFileSync(document, "utf8").replace(
    part,
    (_, begin, end) =>
      `${begin}\n${tableOf(files)}\n\nThe survivors:\n\n${survivors || "none"}\n\n${end}`
  )
  // Not at the top: before `setup` it may not be installed.
  const { format, resolveConfig } = await import("prettier")
  const options = await resolveConfig(document)
  writeFileSync(document, await format(text, { ...options, filepath: document }))
}
