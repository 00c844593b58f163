// A public package exports exactly its modules: src/index.ts and every src/PascalCase.ts (a command has
// none). This writes that list into the package.json of each, or with --check fails when one is out of date.
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import process from "node:process"
import { root } from "./setup.mjs"

const entry = (module) => ({ types: `./dist/${module}.d.ts`, default: `./dist/${module}.js` })

const exportsOf = (directory) => {
  const src = join(directory, "src")
  const modules = (existsSync(src) ? readdirSync(src) : [])
    .filter((file) => /^[A-Z]\w*\.ts$/.test(file))
    .map((file) => file.slice(0, -".ts".length))
    .sort()
  return {
    ...(existsSync(join(src, "index.ts")) ? { ".": entry("index") } : {}),
    "./package.json": "./package.json",
    ...Object.fromEntries(modules.map((module) => [`./${module}`, entry(module)])),
    "./internal/*": null
  }
}

const check = process.argv.includes("--check")

for (const name of readdirSync(join(root, "packages"))) {
  const directory = join(root, "packages", name)
  const file = join(directory, "package.json")
  const before = existsSync(file) ? readFileSync(file, "utf8") : '{ "private": true }'
  const manifest = JSON.parse(before)
  if (manifest.private === true) continue

  const after = `${JSON.stringify({ ...manifest, exports: exportsOf(directory) }, null, 2)}\n`
  if (after === before) continue
  if (check) {
    console.error(`packages/${name}/package.json does not export what src/ holds: pnpm exports`)
    process.exitCode = 1
  } else {
    writeFileSync(file, after)
    // An incremental tsc may keep what it found under the old exports.
    rmSync(join(directory, "dist/test.tsbuildinfo"), { force: true })
    console.log(`packages/${name}/package.json`)
  }
}
