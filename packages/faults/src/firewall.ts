/**
 * What the kernel does to packets on the cable. It drops them where they arrive, so that whoever sent
 * them notices nothing.
 */
import * as Effect from "effect/Effect"
import { command, type CommandFailed } from "./command.js"
import { cable, inside, type Namespace } from "./network.js"

/** What arrives here is dropped: all of it, or so many of a hundred packets. */
export const drop = (
  where: Namespace,
  percent: number = 100
): Effect.Effect<void, CommandFailed> => {
  const chance = percent < 100 ? `numgen random mod 100 < ${percent}` : ""
  return nft(
    where,
    `table ip faults {
       chain input {
         type filter hook input priority 0
         iifname "${cable}" ${chance} drop
       }
     }`
  )
}

/** What arrives here arrives again. */
export const heal = (where: Namespace): Effect.Effect<void, CommandFailed> =>
  nft(where, "delete table ip faults")

/** What leaves here leaves at this rate, in bytes a second, after a queue of up to 400 ms. */
export const limit = (where: Namespace, rate: number): Effect.Effect<void, CommandFailed> => {
  // A burst holds one packet at least, and at high rates what a tick of the kernel's lets through.
  const burst = Math.max(3000, Math.ceil(rate / 100))
  return Effect.asVoid(
    command(
      inside(
        where,
        ...["tc", "qdisc", "replace", "dev", cable, "root", "tbf"],
        ...["rate", `${rate * 8}bit`, "burst", String(burst), "latency", "400ms"]
      )
    )
  )
}

const nft = (where: Namespace, input: string): Effect.Effect<void, CommandFailed> =>
  Effect.asVoid(command(inside(where, "nft", "-f", "-"), { input }))
