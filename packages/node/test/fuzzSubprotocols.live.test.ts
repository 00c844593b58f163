/** Arbitrary frames of a server's in the subprotocols besides the usual one, at any moment. */
import { assert, describe } from "@effect/vitest"
import { NetworkError } from "@fiberline/client/NetworkError"
import { ProtocolError } from "@fiberline/client/ProtocolError"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import * as fc from "fast-check"
import { garble, noMessage } from "./support/badMessages.js"
import { connect } from "./support/client.js"
import { Assault, type Attack, hostileServer } from "./support/hostile.js"
import { eventually, live } from "./support/live.js"
import { watchProcess } from "./support/process.js"
import { others } from "./support/subprotocols.js"

const seed = Number(process.env.FUZZ_SEED ?? 20)
/** Connections for each subprotocol. */
const runs = Math.ceil(Number(process.env.FUZZ_FRAMES ?? 10_000) / 100)

const attackOf = (name: string, frames: ReadonlyArray<string>): fc.Arbitrary<Attack> =>
  fc.record({
    // A server that welcomes whoever comes may do so before the client has said anything, and twice is once then.
    stage: name === "ActionCable" ? fc.constant("live") : fc.constantFrom("acknowledging", "live"),
    frames: fc.array(
      fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(...frames) },
        { weight: 2, arbitrary: garble(fc.constantFrom(...frames)) },
        { weight: 1, arbitrary: noMessage },
        { weight: 1, arbitrary: fc.uint8Array({ maxLength: 130 }) }
      ),
      { maxLength: 4 }
    ),
    ending: fc.constantFrom("goOn", "goOn", "fin", "reset")
  })

const reasonOf = (error: unknown): string =>
  error instanceof ProtocolError
    ? error.violation
    : error instanceof NetworkError
      ? error.reason._tag
      : String(error)

const quiet = { interval: "20 seconds", timeout: "20 seconds" } as const

describe("whatever frames a server sends", () => {
  for (const { frames, name, subprotocol } of others) {
    live(
      `over ${name}: a typed error or nothing lost, and the client goes on`,
      Effect.gen(function* () {
        const { take } = yield* watchProcess
        let next = new Assault({ stage: "live", frames: [], ending: "goOn" })
        const server = yield* hostileServer(subprotocol, () => next)
        const client = yield* connect(server.url, {
          subprotocols: [subprotocol],
          keepalive: quiet,
          idleTimeout: 0
        })
        const told = new Set<string>()

        const suffer = (attack: Attack) =>
          Effect.gen(function* () {
            const assault = (next = new Assault(attack))
            const elements: Array<unknown> = []
            const end = yield* client.subscribe("subscription { n }").pipe(
              Stream.take(2),
              Stream.runForEach((element) => Effect.sync(() => elements.push(element))),
              Effect.either,
              Effect.timeout("8 seconds")
            )
            assault.isTold = true
            yield* client.status.changes.pipe(
              Stream.takeUntil(({ _tag }) => _tag === "Idle" || _tag === "Failed"),
              Stream.runDrain,
              Effect.timeout("8 seconds")
            )
            yield* eventually(() => assert.isTrue(assault.isClosed, "the socket was left open"))
            assert.deepStrictEqual(take(), [])

            const { code, verdict } = assault
            const reason = Either.isLeft(end) ? reasonOf(end.left) : undefined
            told.add(reason ?? "nothing")
            // A reset overtakes what was sent before it.
            if (attack.ending === "reset" && reason === "ConnectionLost") return
            assert.strictEqual(reason, verdict?.error)
            const isWhole = verdict === undefined
            const counted = attack.stage === "live" ? [{ n: 1 }] : []
            assert.deepStrictEqual(elements, isWhole ? [{ n: 1 }, { n: 2 }] : counted)
            if (verdict?.code !== undefined && attack.ending === "goOn") {
              assert.strictEqual(code, verdict.code)
            }
          })

        yield* Effect.promise(() =>
          fc.assert(
            fc.asyncProperty(attackOf(name, frames), (attack) => Effect.runPromise(suffer(attack))),
            { seed, numRuns: runs, endOnFailure: true }
          )
        )
        // A fuzzer that finds nothing may be one that tries nothing.
        for (const reason of ["nothing", "NotText", "NotJson", "ConnectionLost"]) {
          if (runs >= 100) assert.include(Array.from(told), reason)
        }
      }),
      60_000 + runs * 600
    )
  }
})
