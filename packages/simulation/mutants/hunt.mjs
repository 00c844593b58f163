// Simulates seeds, one after the other, with a bug in the client, until one shows it. Says on stdout which and how.
import { register } from "node:module"
import process from "node:process"

const mutant = JSON.parse(process.argv[2])
register("./hooks.mjs", import.meta.url, { data: mutant })
const { simulate } = await import("../src/simulate.ts")

const hunt = () => {
  const { from = 0 } = mutant
  for (let seed = from; seed < from + mutant.seeds; seed++) {
    const violations = simulate(seed).violations.filter(({ invariant }) =>
      mutant.violates.includes(invariant)
    )
    if (violations.length > 0) return { seed, violation: violations[0] }
  }
  return {}
}

console.log(JSON.stringify(hunt()))
