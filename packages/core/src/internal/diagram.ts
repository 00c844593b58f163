/** What every cell of a table of transitions has. */
interface Cell {
  readonly to: string
  readonly action: string
}

type Table = { readonly [state: string]: { readonly [event: string]: Cell } }

/**
 * A table as a Mermaid state diagram. Cells without consequence and cells that cannot happen are left out;
 * events that lead to the same place share an arrow.
 */
export const stateDiagram = (table: Table, first: string, last: string): string => {
  const arrows = new Map<string, Array<string>>()
  for (const [from, row] of Object.entries(table)) {
    for (const [event, { action, to }] of Object.entries(row)) {
      if (action === "Impossible" || (action === "Ignore" && to === from)) continue
      const arrow = `${from} --> ${to}`
      const label = action === "Ignore" ? event : `${event} / ${action}`
      arrows.set(arrow, [...(arrows.get(arrow) ?? []), label])
    }
  }
  return [
    "stateDiagram-v2",
    `  [*] --> ${first}`,
    ...Array.from(arrows, ([arrow, labels]) => `  ${arrow}: ${labels.sort().join("<br/>")}`),
    `  ${last} --> [*]`,
    ""
  ].join("\n")
}
