import { assert, describe, it } from "@effect/vitest"
import { payload, TickFrame } from "../src/frames.js"
import { first } from "../src/ticks.js"

describe("a payload", () => {
  for (const bytes of [100, 2048, 70_000]) {
    it(`is ${bytes} bytes of JSON`, () => {
      assert.lengthOf(payload(bytes), bytes)
      assert.doesNotThrow(() => JSON.parse(payload(bytes)))
    })
  }
})

describe("a frame", () => {
  for (const [bytes, header] of [
    [100, 2],
    [2048, 4],
    [70_000, 10]
  ] as const) {
    it(`of ${bytes} bytes bears the number of its message`, () => {
      const frame = new TickFrame(payload(bytes))
      assert.strictEqual(frame.length, bytes + header)
      const chunk = Buffer.alloc(3 + 2 * frame.length)
      const end = frame.write(chunk, frame.write(chunk, 3, 7), 12_345)
      assert.strictEqual(end, chunk.length)
      const numbers = [3, 3 + frame.length].map((at) => {
        const text = chunk.toString("utf8", at + header, at + frame.length)
        // Type boundary: it was encoded above.
        return (JSON.parse(text) as { data: { tick: { n: number } } }).data.tick.n
      })
      assert.deepStrictEqual(numbers, [first + 7, first + 12_345])
    })
  }
})
