/** The durations the demo runs with. All in milliseconds. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"

export const keepalive = { interval: 1000, timeout: 500 }

/** A dead link is noticed so long after its last byte. */
export const detection = keepalive.interval + keepalive.timeout

export const closeTimeout = 1000

/** How long a client that connects again waits after a failure, and how long an attempt may take. */
export const retryDelay = 200
export const connectTimeout = 300

/** It is back so long after the network: at worst, an attempt has just begun in vain. */
export const comeback = connectTimeout + retryDelay

/** How far over a bound counts as kept: timers are late, and client and server share a thread. */
export const tolerance = 250

export const isKept = (bound: number, measured: number): boolean => measured <= bound + tolerance

/** What should have happened by now did not, so the act cannot go on. */
export class Stuck extends Data.TaggedError("Stuck")<{ readonly waitedFor: string }> {
  override get message(): string {
    return `waited in vain for ${this.waitedFor}`
  }
}

/** Waits at most so long, whether or not what is waited for can be interrupted. */
export const within =
  (millis: number, waitedFor: string) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | Stuck, R> =>
    effect.pipe(
      Effect.disconnect,
      Effect.timeoutFail({ duration: millis, onTimeout: () => new Stuck({ waitedFor }) })
    )
