/**
 * Arbitrary bytes of a server's, each with an outcome that the specifications foretell. What has been
 * found is shrunk, and shown with its seed and its bytes.
 */
import { assert, describe } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { plan, toScript } from "./support/badFrames.js"
import { answers } from "./support/badUpgrades.js"
import { type End, operations } from "./support/expectedSession.js"
import { answered, describeReport, fuzzed, showBytes } from "./support/fuzzing.js"
import { live } from "./support/live.js"

const seed = Number(process.env.FUZZ_SEED ?? 20)
const frames = Number(process.env.FUZZ_FRAMES ?? 10_000)

/** Milliseconds, for a machine that is busy with other things; a failure is shrunk until then. */
const limit = 60_000 + frames * 6

/** Runs a check for arbitrary values until there is enough; what it gives must be empty. */
const forAny = <A>(
  arbitrary: fc.Arbitrary<A>,
  check: (value: A) => Effect.Effect<string>,
  isEnough: () => boolean
): Effect.Effect<void> =>
  Effect.promise(async () => {
    for (let batch = seed; !isEnough(); batch++) {
      const property = fc.asyncProperty(arbitrary, async (value) => {
        const problem = await Effect.runPromise(check(value))
        assert.isEmpty(problem, `FUZZ_SEED=${batch} finds it again. ${problem}`)
      })
      await fc.assert(property, {
        seed: batch,
        numRuns: 50,
        interruptAfterTimeLimit: limit / 2,
        markInterruptAsFailure: true
      })
    }
  })

describe("whatever bytes a server sends", () => {
  live(
    "each operation ends as the specifications have it, and the client goes on",
    Effect.gen(function* () {
      const { run } = yield* fuzzed
      const kinds = new Set<string>()
      let read = 0
      let connections = 0
      const [took] = yield* Effect.timed(
        forAny(
          plan,
          (plan) =>
            Effect.map(run(toScript(plan)), (report) => {
              const { frames, outcomes } = report.exchange.expected
              read += frames
              connections++
              for (const name of operations) kinds.add(kindOf(outcomes[name].end))
              return report.problems.length > 0 ? describeReport(report) : ""
            }),
          () => read >= frames
        )
      )
      if (process.env.FUZZ_FIGURES) {
        console.log(`${read} frames over ${connections} connections in ${Duration.format(took)}`)
      }
      // A fuzzer that finds nothing may be one that tries nothing.
      const missing = everyKind.filter((kind) => !kinds.has(kind))
      if (frames >= 10_000) assert.deepStrictEqual(missing, [])
    }),
    limit
  )

  live(
    "in place of an upgrade: a typed failure, not sent, and the client connects again",
    Effect.gen(function* () {
      const { answer } = yield* answered
      let tried = 0
      yield* forAny(
        answers,
        (value) =>
          Effect.map(answer(value), ({ bytes, problems }) => {
            tried++
            return problems.length > 0
              ? `${value.name}\n${problems.join("\n")}\n${showBytes(bytes)}`
              : ""
          }),
        () => tried >= frames / 40
      )
    }),
    limit
  )
})

const kindOf = (end: End | undefined): string => {
  switch (end?._tag) {
    case "ProtocolError":
      return `${end.violation} ${end.phase}`
    case "NetworkError":
      return `${end.reason} ${end.phase}`
    default:
      return String(end?._tag)
  }
}

const everyKind = [
  "Success",
  "OperationError",
  ...["NoData", "NoResult", "ServerClosed", "ConnectionLost"].map((kind) => `${kind} live`),
  ...["NotText", "NotJson", "NotAnObject", "UnknownType", "InvalidField", "UnexpectedMessage"].map(
    (kind) => `${kind} live`
  ),
  ...["InvalidFrame live", "FrameTooLarge live"],
  ...["NotJson", "InvalidField", "UnexpectedMessage", "InvalidFrame"].map(
    (kind) => `${kind} acknowledging`
  )
]
