/** What many runs come to. */
import { type FaultCounts, faults, noFaults } from "@fiberline/testing/NetworkFaults"
import { type Invariant, invariants, type Violation } from "./invariants.js"
import type { Result } from "./simulate.js"

export class Summary {
  #seeds = 0
  #virtualMillis = 0
  #faults: FaultCounts = noFaults
  readonly #violations: Array<Violation & { readonly seed: number }> = []

  add({ faults: counts, seed, violations, virtualMillis }: Result): void {
    const sum = faults.map((kind) => [kind, this.#faults[kind] + counts[kind]])
    this.#seeds++
    this.#virtualMillis += virtualMillis
    this.#faults = Object.fromEntries(sum)
    this.#violations.push(...violations.map((violation) => ({ seed, ...violation })))
  }

  get seeds(): number {
    return this.#seeds
  }

  get virtualHours(): number {
    return Math.round(this.#virtualMillis / 36_000) / 100
  }

  get violations(): ReadonlyArray<Violation & { readonly seed: number }> {
    return this.#violations
  }

  get isClean(): boolean {
    return this.#violations.length === 0
  }

  get json(): string {
    const { seeds, violations, virtualHours } = this
    return JSON.stringify({ seeds, virtualHours, faults: this.#faults, violations })
  }

  /** For a person. */
  get text(): string {
    const total = Object.values(this.#faults).reduce((sum, count) => sum + count, 0)
    return [
      `${this.#seeds} seeds, ${this.virtualHours} virtual hours, ${total} faults`,
      ...faults.map((kind) => `  ${kind.padEnd(15)} ${String(this.#faults[kind]).padStart(9)}`),
      this.isClean ? "no violation" : `${this.#violations.length} violations`,
      ...this.#byInvariant
    ].join("\n")
  }

  get #byInvariant(): ReadonlyArray<string> {
    const found = new Map<Invariant, Set<number>>()
    for (const { invariant, seed } of this.#violations) {
      const seeds = found.get(invariant) ?? new Set()
      found.set(invariant, seeds.add(seed))
    }
    return Array.from(found, ([invariant, seeds]) => {
      const some = Array.from(seeds).slice(0, 10).join(", ")
      return `  ${invariant}. ${invariants[invariant]}\n     seeds ${some}${seeds.size > 10 ? ", …" : ""}`
    })
  }
}

export const lineOf = ({ at, invariant, what }: Violation): string =>
  `invariant ${invariant}, ${at.toFixed(0)} ms: ${what}`
