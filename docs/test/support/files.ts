/** The documents and their examples, as files. */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("../../..", import.meta.url))

export const read = (file: string): string => readFileSync(join(root, file), "utf8")

export const exists = (file: string): boolean => existsSync(join(root, file))

const filesIn = (directory: string, ending: string): ReadonlyArray<string> =>
  readdirSync(join(root, directory), { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map(({ name }) => `${directory}/${name}`)
    .sort()

/** What a reader reads. */
export const documents: ReadonlyArray<string> = [
  "README.md",
  "CONTRIBUTING.md",
  ...filesIn("docs", ".md"),
  ...filesIn("docs/decisions", ".md"),
  ...readdirSync(join(root, "packages"))
    .map((name) => `packages/${name}/README.md`)
    .filter(exists)
]

/** Where a link in a document leads, as a path from the root. */
export const resolve = (document: string, link: string): string =>
  relative(root, join(root, dirname(document), link))

export const exampleNames: ReadonlyArray<string> = filesIn("docs/examples", ".ts").map((file) =>
  file.slice("docs/examples/".length)
)

const regionLine = /^\/\/ #(?:end)?region\b.*\n/gm

/** The names of an example's regions. */
export const regionsOf = (source: string): ReadonlyArray<string> =>
  Array.from(source.matchAll(/^\/\/ #region (\S+)$/gm), ([, name]) => name ?? "")

/** What a document shows of an example: all of it or a region, without the lines that mark regions. */
export const shownOf = (source: string, region: string | undefined): string | undefined => {
  if (region === undefined) return source.replaceAll(regionLine, "")
  const begin = `// #region ${region}\n`
  const from = source.indexOf(begin)
  const to = source.indexOf("// #endregion\n", from)
  return from < 0 || to < 0 ? undefined : `${source.slice(from + begin.length, to).trim()}\n`
}

export interface Block {
  /** From the marker to the end of the fence. */
  readonly text: string
  /** As in `quickstart.ts` and `errors.test.ts#inline`; `undefined` without a marker. */
  readonly marker: string | undefined
  readonly code: string
}

const block = /(?:^<!-- example: (\S+) -->\n+)?^```(?:ts|typescript|js|javascript)\n([^]*?)^```$/gm

/** The code in a document that a reader would copy. */
export const blocksOf = (document: string): ReadonlyArray<Block> =>
  Array.from(document.matchAll(block), ([text, marker, code = ""]) => ({ text, marker, code }))

export const toBlock = (marker: string, code: string): string =>
  `<!-- example: ${marker} -->\n\n\`\`\`ts\n${code}\`\`\``
