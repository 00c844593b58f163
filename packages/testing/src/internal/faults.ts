/** What goes wrong, when, and how often it did. */
import { defaultRates, type Fault, type FaultRates, noFaults } from "../NetworkFaults.js"
import type { NetworkEvent } from "../SimulatedNetwork.js"
import type { VirtualTime } from "../VirtualTime.js"

const jumpsAreDrawnEvery = 10_000
const anHour = 3_600_000

export class Faults {
  readonly rates: FaultRates
  readonly #counts: { [kind in Fault]: number } = { ...noFaults }

  constructor(
    readonly time: VirtualTime,
    rates: Partial<FaultRates>,
    readonly observe: (event: NetworkEvent) => void
  ) {
    this.rates = { ...defaultRates, ...rates }
  }

  get counts(): { readonly [kind in Fault]: number } {
    return { ...this.#counts }
  }

  /** Whether it happens. */
  draw(kind: Fault): boolean {
    const { [kind]: rate } = this.rates
    return rate > 0 && this.time.dice.chance(rate)
  }

  /** It happened. */
  count(kind: Fault, link: number, detail = ""): void {
    this.#counts[kind]++
    // Too many to be told.
    if (kind !== "partial") this.observe({ _tag: "Fault", link, kind, detail })
  }

  jumpNowAndThen(): void {
    this.time.after(jumpsAreDrawnEvery, () => {
      if (this.draw("clockJump")) {
        const { dice } = this.time
        const forward = dice.chance(0.7)
        const millis = forward ? dice.between(1000, 5 * anHour) : -dice.between(1000, anHour)
        this.count("clockJump", 0, `by ${millis} ms`)
        this.time.jump(millis)
      }
      this.jumpNowAndThen()
    })
  }
}
