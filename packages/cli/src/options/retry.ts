/** `--retry 5`, `forever` or `none`: how often a lost connection is made again. */
import * as Reconnect from "@fiberline/client/Reconnect"
import * as Either from "effect/Either"
import * as Schedule from "effect/Schedule"
import { UsageError } from "../usage.js"

export const parse = (
  text: string
): Either.Either<Schedule.Schedule<unknown> | false, UsageError> => {
  if (text === "none" || text === "0") return Either.right(false)
  if (text === "forever") return Either.right(Reconnect.growth)
  if (/^[1-9]\d{0,8}$/.test(text)) {
    return Either.right(Schedule.intersect(Reconnect.growth, Schedule.recurs(Number(text))))
  }
  return Either.left(
    new UsageError({ message: "--retry must be a number of attempts, forever, or none" })
  )
}
