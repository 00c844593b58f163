import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Util from "node:util"
import { Output } from "../../src/output.js"
import * as Timeline from "../../src/demo/timeline.js"

/** What a timeline prints, without its time stamps. */
const printed = (
  use: (timeline: Timeline.Timeline["Type"]) => Effect.Effect<void>,
  { colours = false } = {}
) => {
  const lines: Array<string> = []
  const keep = (line: string) => Effect.sync(() => void lines.push(line))
  return Effect.flatMap(Timeline.Timeline, use).pipe(
    Effect.provide(Timeline.text),
    Effect.provide(Layer.succeed(Output, { out: keep, err: keep, colours })),
    Effect.map(() => lines.map((line) => line.replace(/\d+\.\d{3}/, "#.###")))
  )
}

describe("timeline", () => {
  it.effect("puts stamp and mark before what happened, and aligns the rest with it", () =>
    Effect.gen(function* () {
      const lines = yield* printed(({ headline, tell }) =>
        headline("One", "about one").pipe(
          Effect.zipRight(headline("Two")),
          Effect.zipRight(tell("bad", "it broke", "badly")),
          Effect.zipRight(headline("Three"))
        )
      )
      assert.deepStrictEqual(lines, [
        ...["One", "about one", ""],
        ...["Two", ""],
        "   #.### s  ✗ it broke",
        "              badly",
        ...["", "Three", ""]
      ])
    })
  )

  it.effect("aligns the columns of a table", () =>
    Effect.gen(function* () {
      const lines = yield* printed(({ table }) =>
        table(
          ["", "promised", "measured"],
          [
            [true, "short", "1 ms", "2 ms"],
            [false, "rather long", "1000 ms", "2000 ms"]
          ]
        )
      )
      assert.deepStrictEqual(lines, [
        "                promised   measured",
        "✓ short         1 ms       2 ms",
        "✗ rather long   1000 ms    2000 ms"
      ])
    })
  )

  it.effect("has colours where they are seen", () =>
    Effect.gen(function* () {
      const use: Parameters<typeof printed>[0] = ({ tell }) => tell("good", "fine")
      assert.notInclude((yield* printed(use)).join(), "\u001b")
      if ("styleText" in Util) {
        assert.include((yield* printed(use, { colours: true })).join(), "\u001b[32m✓")
      }
    })
  )
})
