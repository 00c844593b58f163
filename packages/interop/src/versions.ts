/** Which version of a dependency is installed, by the name under which it is. */
import { readFileSync } from "node:fs"

export const installed = (name: string): string => {
  // pnpm links what a package depends on into its own folder, whatever the other exports of that are.
  const file = new URL(`../node_modules/${name}/package.json`, import.meta.url)
  // Type boundary: the manifest of an installed package.
  return (JSON.parse(readFileSync(file, "utf8")) as { readonly version: string }).version
}
