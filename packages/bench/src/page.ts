/** `docs/performance.md`: what is between its markers is written here, the rest by people. */
import { readFileSync, writeFileSync } from "node:fs"
import { format, resolveConfig } from "prettier"
import { plan } from "./plan.js"
import { drawings } from "./plots.js"
import type { Results } from "./results.js"
import { section, sizeTable, table } from "./table.js"
import { targetTable } from "./targets.js"

const environment = ({ machine, versions }: Results): string => {
  const { memory, node, processor, processors, system } = machine
  return [
    `Measured on ${processors} × ${processor}, ${memory} GiB, ${system}, Node ${node}.`,
    table(["package", "version"], Object.entries(versions))
  ].join("\n\n")
}

/** What stands between the markers of a name, by name. */
const parts = (results: Results): { readonly [name: string]: string } => {
  const sections = plan.flatMap((measure) => {
    const result = results.measures.find(({ id }) => id === measure.id)
    if (result === undefined) return []
    const drawing = drawings[measure.id]
    return [
      section(measure, result),
      ...(measure.id === "P5" && results.sizes ? [sizeTable(results.sizes)] : []),
      ...(drawing ? [`![${measure.title}](${drawing.file})`] : [])
    ]
  })
  return {
    environment: environment(results),
    targets: targetTable(results),
    results: sections.join("\n\n")
  }
}

/** Throws if a marker is missing. */
export const writePage = async (file: string, results: Results): Promise<void> => {
  let text = readFileSync(file, "utf8")
  for (const [name, part] of Object.entries(parts(results))) {
    const markers = new RegExp(`(<!-- generated: ${name} -->\n)[^]*?(<!-- /generated -->)`)
    if (!markers.test(text)) throw new Error(`${file} has no markers for ${name}`)
    text = text.replace(markers, (_, begin: string, end: string) => `${begin}\n${part}\n\n${end}`)
  }
  const options = await resolveConfig(file)
  writeFileSync(file, await format(text, { ...options, filepath: file }))
}
