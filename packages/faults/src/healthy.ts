/**
 * Links that are well, and a client that makes it hard to see: it is busy, or reads slowly, and the
 * answer to a ping lies behind data. The connection has to live, and nothing may be lost.
 */
import * as Effect from "effect/Effect"
import { detection, options } from "./bounds.js"
import type { Subscription } from "./clientMessages.js"
import { now } from "./clock.js"
import { limit } from "./firewall.js"
import type { Expected, Scenario } from "./scenario.js"
import { type Stage, type StageFailed, untilSeen } from "./stage.js"

const lives: Expected = {
  reasons: [],
  mayLive: true,
  since: "LastByte",
  boundMs: detection,
  notBefore: false
}

const well = (
  name: string,
  subscription: Subscription,
  act: (stage: Stage) => Effect.Effect<unknown, StageFailed>,
  more: Partial<Scenario> = {}
): Scenario => ({
  name: `healthy, ${name}`,
  expected: lives,
  options,
  way: "direct",
  act: (stage) =>
    Effect.gen(function* () {
      yield* stage.client.subscribe(subscription)
      yield* untilSeen(stage, 1)
      const at = now()
      yield* act(stage)
      return at
    }),
  closes: false,
  watch: 3 * detection,
  streams: true,
  isBusy: true,
  isQuick: false,
  ...more
})

/** Three times, for longer than a dead link is given. */
const block = ({ client }: Stage) =>
  Effect.repeatN(Effect.delay(client.block(1.5 * detection), "300 millis"), 2)

export const healthy: ReadonlyArray<Scenario> = [
  well("busy consumer, idle", { every: 50, last: 1 }, block, { watch: detection, streams: false }),
  well("busy consumer, flood", { every: 0, ballast: 10_000 }, block, {
    watch: detection,
    isQuick: true
  }),
  well(
    "slow consumer, flood",
    { every: 0, ballast: 16_384, capacity: 16, rest: 50 },
    () => Effect.void
  ),
  // What the server's kernel holds takes seconds to get through, and the pong comes after.
  well("flood through 1 MB/s", { every: 0, ballast: 65_536 }, ({ network }) =>
    limit(network.server, 1_000_000)
  ),
  // Each takes longer than a dead link is given.
  well("4 MB events through 1 MB/s", { every: 0, ballast: 4_000_000 }, ({ network }) =>
    limit(network.server, 1_000_000)
  )
]
