import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { Output, Screen } from "../src/output.js"
import * as Status from "../src/status.js"

/** What is written to a terminal, or to a pipe, while a program runs. */
const written = <A, E>(
  program: Effect.Effect<A, E, Status.Status>,
  { colours = false, isTerminal = true, quiet = false } = {}
): Effect.Effect<string, E> => {
  let text = ""
  const write = (more: string) => Effect.sync(() => void (text += more))
  const line = (more: string) => write(`${more}\n`)
  return program.pipe(
    Effect.provide(Status.layer({ quiet })),
    Effect.provide(
      Layer.mergeAll(
        Layer.succeed(Output, { out: line, err: line, colours: false }),
        Layer.succeed(Screen, isTerminal ? Option.some({ write, colours }) : Option.none())
      )
    ),
    Effect.map(() => text)
  )
}

const clear = "\r\u001b[K"

const waiting = Effect.gen(function* () {
  const { settled, tell, waitFor } = yield* Status.Status
  yield* waitFor("the server")
  yield* TestClock.adjust("1 second")
  yield* tell("good", "halfway")
  yield* TestClock.adjust("200 millis")
  yield* settled
  yield* TestClock.adjust("10 seconds")
})

describe("the status", () => {
  it.effect("spins while something takes long, and makes way for what is said", () =>
    Effect.gen(function* () {
      const drawn = (yield* written(waiting)).split(clear)
      assert.deepStrictEqual(drawn, [
        "",
        ...["⠼ the server", "⠴ the server", "⠦ the server", "⠧ the server", "⠇ the server"],
        ...["⠏ the server", "⠋ the server 1 s"],
        "✓ halfway\n",
        ...["⠙ the server 1 s", "⠹ the server 1 s"],
        ""
      ])
    })
  )

  it.effect("does not spin for what is quick", () =>
    Effect.gen(function* () {
      const quick = Effect.gen(function* () {
        const { settled, waitFor } = yield* Status.Status
        yield* waitFor("the server")
        yield* TestClock.adjust("399 millis")
        yield* settled
        yield* TestClock.adjust("1 second")
      })
      assert.strictEqual(yield* written(quick), "")
    })
  )

  it.effect("leaves no spinner behind when it is interrupted", () =>
    Effect.gen(function* () {
      const stuck = Effect.gen(function* () {
        const { waitFor } = yield* Status.Status
        yield* waitFor("the server")
        yield* TestClock.adjust("500 millis")
      })
      assert.isTrue((yield* written(stuck)).endsWith(`⠴ the server${clear}`))
    })
  )

  it.effect("is lines alone for whoever reads a pipe", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* written(waiting, { isTerminal: false }), "✓ halfway\n")
    })
  )

  it.effect("is nothing for whoever wants it quiet, but for what went wrong", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* written(waiting, { quiet: true }), "")
      const complaining = Effect.flatMap(Status.Status, ({ complain }) =>
        complain("no", "why", "how")
      )
      assert.strictEqual(yield* written(complaining, { quiet: true }), "✗ no\n  why\n  how\n")
    })
  )

  it.effect("has colours where they are seen", () =>
    Effect.gen(function* () {
      const telling = Effect.flatMap(Status.Status, ({ tell }) => tell("good", "fine"))
      assert.strictEqual(yield* written(telling, { colours: true }), "\u001b[32m✓\u001b[39m fine\n")
    })
  )
})
