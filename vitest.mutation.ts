import { defineConfig } from "vitest/config"
import workspace from "./vitest.workspace.js"

// What `pnpm mutate` runs for each mutant: the tests of core, with chance held still.
export default defineConfig({
  ...(workspace.resolve && { resolve: workspace.resolve }),
  test: {
    testTimeout: 30_000,
    // In so many words, or vitest would find its projects in vitest.workspace.ts by itself.
    projects: [
      {
        extends: true,
        test: {
          name: "core",
          root: "packages/core",
          include: ["test/**/*.test.ts"],
          setupFiles: ["test/support/fixedSeed.ts"]
        }
      }
    ]
  }
})
