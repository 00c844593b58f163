/** What must hold in every run, by number. `docs/simulation.md` says what each means for a user. */
export const invariants = {
  1: "Each subscriber ends at most once: with the data's end, by its own interruption or with a typed failure. Once the client is closed, it ends.",
  2: "From the last byte received to the failure of a live connection it takes at most interval + timeout.",
  3: "Connecting, acknowledging, closing and a single operation end within their bounds.",
  4: "Once the client is closed and everybody has what was theirs, no fiber, timer or socket is left.",
  5: "While a connection lives, events arrive once, in order and unaltered.",
  6: "With `resume`, none is lost and none comes twice, over any number of losses.",
  7: "No buffer holds more than its capacity and what was read when reading stopped.",
  8: "A mutation is sent at most once, and so is a query that is not idempotent; `sent` says whether it was.",
  9: "There is at most one socket to an endpoint.",
  10: "A lost connection is not made again sooner, or more often, than the schedule allows.",
  11: "No secret is in an error, a log, a span or the status.",
  12: "Everything comes to an end: the process could exit.",
  13: "What the client sends obeys the protocol.",
  14: "The server is told of whoever leaves.",
  15: "While the connection is well, who waits gets what is published; it is read unless somebody has more than it can hold.",
  16: "A connection that nobody needs is closed after `idleTimeout`.",
  17: "A connection with which nothing is wrong is not given up for its silence."
} as const

export type Invariant = keyof typeof invariants

export interface Violation {
  readonly invariant: Invariant
  /** Milliseconds since the run began. */
  readonly at: number
  readonly what: string
}

/** Whether a time is longer than its bound, by more than clocks tell apart. */
export const exceeds = (millis: number, bound: number): boolean => millis > bound + 1e-3

/** Where everything that watches the run says what it saw. */
export interface Judge {
  /** Whether the application has closed its clients, or is about to. */
  readonly isClosing: boolean
  readonly now: () => number
  readonly violate: (invariant: Invariant, what: string) => void
}
