/**
 * What must hold throughout, by the numbers of `docs/reliability.md`. Those it has beyond these are
 * about what cannot be seen from outside a client.
 */
export const invariants = {
  1: "Each subscriber ends at most once: by its own interruption or with a typed failure that something explains. Once the client is closed, it ends.",
  2: "From the last byte that the network let through to the failure of a live connection it takes at most interval + timeout.",
  3: "Connecting, acknowledging, closing and a single operation end within their bounds.",
  4: "Once a client is closed, no socket of it is left; once all are, no descriptor, and the process ends by itself.",
  5: "While a connection lives, events arrive once, in order and unaltered.",
  6: "With `resume`, none is lost and none comes twice, over any number of losses.",
  7: "No buffer holds more than its capacity and what was read when reading stopped.",
  8: "A mutation is executed at most once; `sent: false` means that it never was.",
  9: "There is at most one socket for each client.",
  15: "While the connection is well, who waits gets what is published."
} as const

export type Invariant = keyof typeof invariants

export interface Violation {
  readonly invariant: Invariant
  /** Milliseconds since the run began. */
  readonly at: number
  readonly what: string
}

/** More of them say nothing new, and would look like a leak. */
const mostKept = 100

/** Where everything that watches the run says what it saw. */
export class Judge {
  readonly violations: Array<Violation> = []
  #count = 0
  readonly #begunAt: number

  /** `now` is the machine's clock. */
  constructor(
    readonly now: () => number,
    readonly onViolation: (violation: Violation) => void = () => {}
  ) {
    this.#begunAt = now()
  }

  /** How many there were, also of those that were not kept. */
  get count(): number {
    return this.#count
  }

  violate(invariant: Invariant, what: string): void {
    this.#count++
    if (this.violations.length >= mostKept) return
    const violation = { invariant, at: Math.round(this.now() - this.#begunAt), what }
    this.violations.push(violation)
    this.onViolation(violation)
  }
}

export const lineOf = ({ at, invariant, what }: Violation): string =>
  `invariant ${invariant}, ${(at / 1000).toFixed(1)} s: ${what}`
