/** Lengths of time on the command line: `500ms`, `10s`, `2m`, `1h`; a number alone is seconds. */
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import { UsageError } from "../usage.js"

const units: { readonly [unit: string]: (count: number) => Duration.Duration } = {
  ms: Duration.millis,
  s: Duration.seconds,
  m: Duration.minutes,
  h: Duration.hours
}

/** The longest that a timer can be set for. */
const longest = Duration.millis(2 ** 31 - 1)

export const parse = (
  option: string,
  text: string
): Either.Either<Duration.Duration, UsageError> => {
  const [, count, unit = "s"] = /^(\d+(?:\.\d+)?) ?(ms|s|m|h)?$/.exec(text.trim()) ?? []
  const duration = count === undefined ? undefined : units[unit]?.(Number(count))
  return duration &&
    Duration.greaterThan(duration, 0) &&
    Duration.lessThanOrEqualTo(duration, longest)
    ? Either.right(duration)
    : Either.left(
        new UsageError({ message: `${option} must be a length of time, such as 500ms, 10s or 2m` })
      )
}
