// Simulates seeds from 0 on with a bug in the client, until one shows it. Says on stdout which and how.
import { register } from "node:module"
import process from "node:process"

const mutant = JSON.parse(process.argv[2])
register("./hooks.mjs", import.meta.url, { data: mutant })
const { simulate } = await import("../src/simulate.ts")

const hunt = () => {
  for (let seed = 0; seed < mutant.seeds; seed++) {
    const violations = simulate(seed).violations.filter(({ invariant }) =>
      mutant.violates.includes(invariant)
    )
    if (violations.length > 0) return { seed, violation: violations[0] }
  }
  return {}
}

console.log(JSON.stringify(hunt()))
