import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { capture } from "../support/capture.js"

const Line = Schema.parseJson(
  Schema.Struct({
    detection: Schema.Struct({ boundMs: Schema.Number, measuredMs: Schema.Number }),
    close: Schema.Struct({
      boundMs: Schema.Number,
      measuredMs: Schema.Number,
      socketGone: Schema.Boolean
    }),
    error: Schema.Struct({ _tag: Schema.String, reason: Schema.String }),
    events: Schema.Number,
    reconnect: Schema.Struct({
      lost: Schema.Number,
      duplicated: Schema.Number,
      gapMs: Schema.Number,
      attempts: Schema.Number
    })
  })
)

/** A machine busy with other tests is late with everything. */
const room = 250

describe("the demo", () => {
  it.live("keeps its promises, and says so in one line of JSON", () =>
    Effect.gen(function* () {
      const { err, exitCode, out } = yield* capture("demo", "--json")
      assert.deepStrictEqual(err, [])
      assert.strictEqual(exitCode, 0)
      assert.lengthOf(out, 1)
      const { close, detection, error, events, reconnect } = yield* Schema.decodeUnknown(Line, {
        onExcessProperty: "error"
      })(out[0])
      assert.strictEqual(detection.boundMs, 1500)
      assert.isAtLeast(detection.measuredMs, 1500 - 10)
      assert.isAtMost(detection.measuredMs, 1500 + room)
      assert.strictEqual(close.boundMs, 1000)
      assert.isAtMost(close.measuredMs, 1000 + room)
      assert.isTrue(close.socketGone)
      assert.deepStrictEqual(error, { _tag: "NetworkError", reason: "KeepaliveTimeout" })
      assert.strictEqual(events, 5)
      assert.strictEqual(reconnect.lost, 0)
      assert.strictEqual(reconnect.duplicated, 0)
      assert.isAtLeast(reconnect.attempts, 1)
      // The network is away for 600 ms after the loss was noticed.
      assert.isAtLeast(reconnect.gapMs, 600 - 10)
      assert.isAtMost(reconnect.gapMs, 600 + 500 + room)
    })
  )

  it.live("tells it as a timeline", () =>
    Effect.gen(function* () {
      const { err, exitCode, out } = yield* capture("demo")
      assert.deepStrictEqual(err, [])
      assert.strictEqual(exitCode, 0)
      const headlines = out.filter((line) => line.startsWith("Act "))
      assert.deepStrictEqual(headlines, [
        "Act 1  A dead link",
        "Act 2  The network heals",
        "Act 3  Closing under a black hole",
        "Act 4  A healthy close"
      ])
      const story = [
        /✂ the relay goes silent, and swallows new connections too$/,
        /! KeepaliveTimeout: nothing heard for /,
        /· attempt 1 to connect again$/,
        /↷ a gap of \d+ ms, since [\d:.]{12}$/,
        /^ +KeepaliveTimeout: nothing heard for /,
        /← event \d+ of [\d:.]{12}, published meanwhile$/,
        /✓ events \d+ to \d+, \d+ of them caught up with: 0 lost, 0 twice$/,
        /✓ back \d+ ms after the network; promised: 500 ms$/
      ]
      let line = 0
      for (const part of story) {
        line = out.findIndex((text, index) => index >= line && part.test(text))
        assert.isAtLeast(line, 0, String(part))
      }
      assert.include(out, "Every promise was kept")
      const stamps = out
        .flatMap((line) => /^ *(\d+\.\d{3}) s /.exec(line)?.slice(1) ?? [])
        .map(Number)
      assert.isAbove(stamps.length, 15)
      assert.deepStrictEqual(
        stamps,
        stamps.slice().sort((a, b) => a - b)
      )
      assert.notInclude(out.join(), "\u001b")
    })
  )
})
