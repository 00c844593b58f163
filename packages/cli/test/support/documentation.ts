/** What a document shows that is generated: the parts between `<!-- generated: name -->` and `<!-- /generated -->`. */
import { assert } from "@effect/vitest"
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const path = fileURLToPath(new URL("../../../../docs/command-line.md", import.meta.url))

/** That the part is as it should be. UPDATE_DOCS=1 writes it. */
export const assertGenerated = (name: string, text: string): void => {
  const document = readFileSync(path, "utf8")
  const begin = `<!-- generated: ${name} -->\n`
  const start = document.indexOf(begin) + begin.length
  const end = document.indexOf("<!-- /generated -->", start)
  assert.isAtLeast(start, begin.length, `there is no part ${name}`)
  const updated = `${document.slice(0, start)}\n${text}\n\n${document.slice(end)}`
  if (process.env["UPDATE_DOCS"] === "1") writeFileSync(path, updated)
  else assert.strictEqual(document, updated, "UPDATE_DOCS=1 brings it up to date")
}

/** A table as Prettier writes it. */
export const table = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const escaped = rows.map((row) => row.map((cell) => cell.replaceAll("|", "\\|")))
  const widths = (escaped[0] ?? []).map((_, column) =>
    Math.max(3, ...escaped.map((row) => row[column]?.length ?? 0))
  )
  const line = (cells: ReadonlyArray<string>) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`
  const [head = [], ...body] = escaped
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n")
}
