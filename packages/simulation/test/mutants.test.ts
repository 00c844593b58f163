/** That the simulation can fail: it finds each of the bugs that are put into the client. */
import { assert, describe, it } from "@effect/vitest"
import { spawn } from "node:child_process"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { mutants } from "../mutants/mutants.js"
import { lineOf } from "../src/summary.js"

const program = fileURLToPath(new URL("../mutants/hunt.mjs", import.meta.url))

/** A bug may well make a run endless, and no two should share a process. */
const within = 120_000

describe("the simulation finds", () => {
  for (const mutant of mutants) {
    it(mutant.name, { timeout: within + 10_000 }, async () => {
      const hunt = spawn(process.execPath, [program, JSON.stringify(mutant)], {
        stdio: ["ignore", "pipe", "pipe"],
        timeout: within,
        killSignal: "SIGKILL"
      })
      const [found, errors] = await Promise.all([text(hunt.stdout), text(hunt.stderr)])
      assert.notStrictEqual(found, "", errors)
      const { seed, violation } = JSON.parse(found)
      assert.isDefined(seed, `not within ${mutant.seeds} seeds`)
      if (process.env.SHOW_MUTANTS)
        console.log(`${mutant.name}: seed ${seed}, ${lineOf(violation)}`)
    })
  }
})
