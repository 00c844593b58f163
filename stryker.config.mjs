// `pnpm mutate`: breaks core in every small way there is, one at a time, and counts what the tests of core
// notice.

/** @type {import("@stryker-mutator/api/core").PartialStrykerOptions} */
export default {
  mutate: ["packages/core/src/**/*.ts"],
  testRunner: "vitest",
  // By name: pnpm does not put it where Stryker looks.
  plugins: ["@stryker-mutator/vitest-runner"],
  vitest: { configFile: "vitest.mutation.ts" },
  // What is copied for it: core, and what configures its tests.
  ignorePatterns: [
    "/*",
    "!/packages",
    "/packages/*",
    "!/packages/core",
    "!/tsconfig.base.json",
    "!/vitest.*.ts"
  ],
  tempDirName: ".stryker-tmp",
  concurrency: 2,
  // On a busy machine tests are slow; what does not end is slower.
  timeoutMS: 60_000,
  incremental: false,
  // Mutants of a table are slow, since all tests may depend on it. They are also what we are here for.
  warnings: { slow: false },
  thresholds: { high: 95, low: 90, break: 90 },
  reporters: ["clear-text", "json", "progress-append-only"],
  clearTextReporter: { logTests: false, allowEmojis: false },
  jsonReporter: { fileName: "reports/mutation.json" }
}
