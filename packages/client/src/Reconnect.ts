/**
 * How a lost connection is made again.
 *
 * @since 0.1.0
 */
import * as Schedule from "effect/Schedule"

/**
 * Exponential from 500 ms, at most 30 s, each delay drawn evenly between nothing and its full length,
 * so that a thousand clients of one server do not come back together. It never ends.
 *
 * @since 0.1.0
 * @category schedules
 */
export const growth: Schedule.Schedule<unknown> = Schedule.exponential("500 millis").pipe(
  Schedule.union(Schedule.spaced("30 seconds")),
  Schedule.jitteredWith({ min: 0, max: 1 })
)

/**
 * The default: `growth`, and ten failures in a row at most, the loss of the connection included.
 *
 * @since 0.1.0
 * @category schedules
 */
export const schedule: Schedule.Schedule<unknown> = Schedule.intersect(growth, Schedule.recurs(9))
