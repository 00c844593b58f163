/** Runs a command line with an output that is kept. */
import * as NodeWire from "@fiberline/node/NodeWire"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import { Output } from "../src/output.js"
import { run } from "../src/run.js"

export interface Captured {
  readonly exitCode: number
  readonly out: ReadonlyArray<string>
  readonly err: ReadonlyArray<string>
}

export const capture = (...args: ReadonlyArray<string>): Effect.Effect<Captured> =>
  Effect.gen(function* () {
    const { err, out, program } = yield* prepare(...args)
    const exitCode = yield* program
    return {
      exitCode,
      out: Array.from(yield* Queue.takeAll(out)),
      err: Array.from(yield* Queue.takeAll(err))
    }
  })

/** The same in pieces, to see the lines as they come. */
export const prepare = (...args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const out = yield* Queue.unbounded<string>()
    const err = yield* Queue.unbounded<string>()
    const output = Layer.succeed(Output, {
      out: (line) => Queue.offer(out, line),
      err: (line) => Queue.offer(err, line),
      colours: false
    })
    const program = run(args).pipe(Effect.provide(Layer.merge(NodeWire.layer(), output)))
    return { out, err, program }
  })
