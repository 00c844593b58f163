/** Rails itself, where Debian's packages are or may be installed. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { install } from "../src/rails.js"
import { packages } from "../src/servers/rails.js"
import { packaged } from "../src/versions.js"
import { speaksActionCable } from "./cable.js"

// Before any test is known of: whether there is one depends on it.
const installed = await Effect.runPromise(Effect.either(install))
if (Either.isLeft(installed)) console.warn(`not tested: ${installed.left.message}`)

describe.skipIf(Either.isLeft(installed))("Action Cable of Rails", () => {
  it("says its versions", () => {
    for (const name of packages) assert.match(packaged(name), /^\d+\.\d+\.\d+/)
  })
  speaksActionCable("rails")
})
