/** Bounds on what bytes that never end, or are larger than they look, may cost. */
import { assert } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Socket } from "node:net"
import { assertTook } from "./client.js"
import { watchProcess } from "./process.js"

export const mebi = 2 ** 20

/** Megabytes by which the process may grow: `maxFrameSize` in a few forms, and less than is sent. */
const room = 64

/** The same where V8 has to hold what is nested: a hundred bytes for each level of each value. */
export const roomForLevels = 400

/** Runs a test within time and memory, and with nothing that escapes. */
export const bounded = <A, E, R>(test: Effect.Effect<A, E, R>, megabytes = room) =>
  Effect.gen(function* () {
    const { take } = yield* watchProcess
    const before = process.memoryUsage.rss() / mebi
    const highest = process.resourceUsage().maxRSS
    let peak = before
    const [took, result] = yield* Effect.timed(test).pipe(
      Effect.raceFirst(
        Effect.forever(
          Effect.delay(
            Effect.sync(() => (peak = Math.max(peak, process.memoryUsage.rss() / mebi))),
            "5 millis"
          )
        )
      )
    )
    // A loop that is too busy to look has its peak kept by the operating system, in KiB.
    const top = process.resourceUsage().maxRSS
    if (top > highest) peak = Math.max(peak, top / 1024)
    assert.deepStrictEqual(take(), [])
    assert.isAtMost(peak - before, megabytes, "megabytes that the process grew by")
    assertTook(took, { atMost: 15_000 })
    if (process.env.FUZZ_FIGURES)
      console.log(`${Duration.format(took)}, grew by ${Math.round(peak - before)} MiB`)
    return result
  })

/** Writes the same piece again and again, as fast as it is taken. */
export const pour = (socket: Socket, piece: Buffer, times: number, then = () => {}): void => {
  for (let left = times; left > 0 && socket.writable; left--) {
    if (!socket.write(piece)) {
      socket.once("drain", () => pour(socket, piece, left - 1, then))
      return
    }
  }
  if (socket.writable) then()
}
