import { assert, describe, it } from "@effect/vitest"
import { catalogue, whyNot } from "../src/catalogue.js"
import { known } from "../src/known.js"

describe("what is known to fail", () => {
  for (const { cause, feature, name, transport } of known) {
    it(`${name}, ${transport}, ${feature}: is tried, and its cause is named`, () => {
      const subject = catalogue.find((subject) => subject.name === name)
      assert.isDefined(subject)
      assert.isUndefined(subject.lacks[transport])
      assert.isUndefined(whyNot(subject, transport, feature))
      assert.match(cause, /line \d+|https:\/\//)
    })
  }
})
