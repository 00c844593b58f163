// A TSTyche reporter: leaves the counts of a run as JSON in the file TYPETEST_COUNTS names, since what
// TSTyche prints is for people.
import { writeFileSync } from "node:fs"
import process from "node:process"

export default class {
  on([event, payload]) {
    if (event !== "run:end") return
    const { passed, failed, skipped, todo, fixme } = payload.result.testCounts
    const counts = { passed, failed, skipped: skipped + todo + fixme }
    writeFileSync(process.env.TYPETEST_COUNTS, JSON.stringify(counts))
  }
}
