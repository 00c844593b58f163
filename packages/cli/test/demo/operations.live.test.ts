/** The demo's operations are what its schema and its documents make of them. */
import { assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))
const require = createRequire(import.meta.url)

const node = (...args: ReadonlyArray<string>) => {
  const { status, stderr, stdout } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: "utf8"
  })
  assert.strictEqual(status, 0, `pnpm --filter @fiberline/cli generate\n${stdout}${stderr}`)
}

describe("the demo's operations", () => {
  it("are what GraphQL Code Generator writes", { timeout: 60_000 }, () => {
    // The plugin is loaded as it is published, from what was built.
    node(require.resolve("typescript/bin/tsc"), "-b", "../codegen/tsconfig.src.json")
    const generator = dirname(require.resolve("@graphql-codegen/cli/package.json"))
    node(join(generator, "esm/bin.js"), "--check")
  })
})
