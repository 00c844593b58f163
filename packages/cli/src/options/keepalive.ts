/** `--keepalive 20s/10s`: after how much silence to ask, and how long to wait for the answer. */
import type { KeepaliveOptions } from "@fiberline/client/ClientOptions"
import * as Either from "effect/Either"
import { UsageError } from "../usage.js"
import * as Duration from "./duration.js"

export const parse = (text: string): Either.Either<KeepaliveOptions | false, UsageError> =>
  Either.gen(function* () {
    if (text === "off") return false
    const [interval = "", timeout, ...more] = text.split("/")
    if (more.length > 0) return yield* wrong
    return {
      interval: yield* part(interval),
      ...(timeout !== undefined && { timeout: yield* part(timeout) })
    }
  })

const wrong = Either.left(
  new UsageError({
    message: "--keepalive must be an interval and a timeout, such as 20s/10s, an interval, or off"
  })
)

const part = (text: string) => Either.orElse(Duration.parse("--keepalive", text), () => wrong)
