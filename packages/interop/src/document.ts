/** The documentation's table. */
import { readFile, writeFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { format, resolveConfig } from "prettier"
import { markdown, type Report } from "./report.js"

const file = fileURLToPath(new URL("../../../docs/interop.md", import.meta.url))

const begin = "<!-- interop: written by `pnpm interop --write` -->"
const end = "<!-- /interop -->"

export const write = async (report: Report): Promise<void> => {
  const before = await readFile(file, "utf8")
  const after = await format(insert(before, markdown(report)), {
    ...(await resolveConfig(file)),
    filepath: file
  })
  await writeFile(file, after)
}

/** Puts it between the marks of a document. */
export const insert = (document: string, table: string): string => {
  const [from, to] = [document.indexOf(begin), document.indexOf(end)]
  if (from === -1 || to < from) throw new Error(`${file} has no place for the table`)
  return `${document.slice(0, from + begin.length)}\n\n${table}\n\n${document.slice(to)}`
}
