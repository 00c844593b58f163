// The arguments with which `node` runs a tool from node_modules. Going through the tool's own bin
// entry rather than node_modules/.bin needs no shell, so paths with spaces and Windows are fine.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { root } from "./setup.mjs"

export const tool = (packageName, binName = packageName) => {
  const directory = join(root, "node_modules", packageName)
  const { bin } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"))
  return join(directory, typeof bin === "string" ? bin : bin[binName])
}
