/** A judge, and a clock for it that stands until it is set. */
import { Judge } from "../../src/soak/invariants.js"

export const makeJudge = () => {
  const time = { now: 0 }
  const judge = new Judge(() => time.now)
  return { judge, time, found: () => judge.violations.map(({ invariant }) => invariant) }
}
