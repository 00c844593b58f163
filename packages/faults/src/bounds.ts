/** What the client under trial is told to hold to. All in milliseconds. */
import type { Options } from "./clientMessages.js"

export const options: Options = {
  subprotocol: "usual",
  interval: 1000,
  timeout: 1000,
  connectTimeout: 1500,
  ackTimeout: 1500,
  closeTimeout: 1000,
  reconnects: 0
}

/** A dead link is noticed so long after its last byte. */
export const detection = options.interval + options.timeout

/** How far over a bound counts as kept: timers are late, and there may be much else to do. */
export const tolerance = 500

/** How long a process that nothing keeps may take to end. */
export const exit = 2000
