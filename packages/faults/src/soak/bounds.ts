/** What the clients are told to hold to, and what is allowed on top. All in milliseconds. */

/** Short, so that a network that is broken for some seconds reaches each of them. */
export const bounds = {
  interval: 2500,
  timeout: 2500,
  connectTimeout: 5000,
  ackTimeout: 5000,
  operationTimeout: 8000,
  closeTimeout: 2000
}

/** A dead link is noticed so long after its last byte. */
export const detection = bounds.interval + bounds.timeout

/**
 * How far over a bound counts as kept, beside the time in which this process did not run at all: a
 * timer fires late, and what it then does takes time on a machine that is busy.
 */
export const tolerance = 500

/** How long a subscriber may wait for what is published while all is well. */
export const servedWithin = 15_000
