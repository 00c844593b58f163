/** Which version of what is on trial is installed, by the name under which it is. */
import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"

export const installed = (name: string): string => {
  // pnpm links what a package depends on into its own folder, whatever the other exports of that are.
  const file = new URL(`../node_modules/${name}/package.json`, import.meta.url)
  // Type boundary: the manifest of an installed package.
  return (JSON.parse(readFileSync(file, "utf8")) as { readonly version: string }).version
}

/** Of one of Debian's packages, as its authors count; empty where it is not installed. */
export const packaged = (name: string): string => {
  const format = "--showformat=${Version} ${db:Status-Status}"
  const { stdout } = spawnSync("dpkg-query", [format, "--show", name], { encoding: "utf8" })
  return /^(?:\d+:)?([\d.]+)\S* installed$/.exec(stdout ?? "")?.[1] ?? ""
}
