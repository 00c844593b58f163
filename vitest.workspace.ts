import { existsSync, readdirSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

const root = (path: string) => fileURLToPath(new URL(path, import.meta.url))

// A directory without a package.json is what a branch left behind, not a package.
const packages = readdirSync(root("packages")).filter((name) =>
  existsSync(root(`packages/${name}/package.json`))
)

// Tests run from source: `@fiberline/client/Subscription` is packages/client/src/Subscription.ts,
// and what package exports forbid (`internal`, lower case) stays forbidden.
const alias = [
  { find: /^@fiberline\/(\w+)$/, replacement: root("packages/$1/src/index.ts") },
  { find: /^@fiberline\/(\w+)\/([A-Z]\w*)$/, replacement: root("packages/$1/src/$2.ts") },
  // Node loads graphql as CommonJS, Vite would load it as ESM. Then graphql-ws, which Node loads, takes
  // a schema that a test made for one "from another module or realm".
  { find: /^graphql$/, replacement: "graphql/index.js" }
]

const project = (name: string, directory: string) => ({
  extends: true as const,
  test: { name, root: root(directory), include: ["test/**/*.test.ts"] }
})

// This is the root config, given by name: `vitest --config vitest.workspace.ts`.
export default defineConfig({
  resolve: { alias },
  test: {
    testTimeout: 30_000,
    // The default leaves one of two cores idle, and most of what is waited for is not the processor.
    maxWorkers: 2,
    minWorkers: 1,
    // Whether any test ran at all is for scripts/test.mjs to say.
    passWithNoTests: true,
    projects: [
      ...packages.map((name) => project(name, `packages/${name}`)),
      project("docs", "docs")
    ]
  }
})
