/** Runs a command line in this process, with an output that is kept. */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeWire from "@fiberline/node/NodeWire"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import { Input } from "../../src/input.js"
import { Output, Screen } from "../../src/output.js"
import { run } from "../../src/run.js"

export interface Captured {
  readonly exitCode: number
  readonly out: ReadonlyArray<string>
  readonly err: ReadonlyArray<string>
}

export interface Surroundings {
  /** What comes by standard input; a terminal at which nobody types, where there is none. */
  readonly stdin?: string
  readonly env?: { readonly [name: string]: string }
  readonly colours?: boolean
}

export const captureIn = (
  { colours = false, env = {}, stdin }: Surroundings,
  ...args: ReadonlyArray<string>
): Effect.Effect<Captured> =>
  Effect.gen(function* () {
    const { err, out, program } = yield* prepareIn(
      { colours, env, ...(stdin !== undefined && { stdin }) },
      ...args
    )
    const exitCode = yield* program
    return {
      exitCode,
      out: Array.from(yield* Queue.takeAll(out)),
      err: Array.from(yield* Queue.takeAll(err))
    }
  })

export const capture = (...args: ReadonlyArray<string>) => captureIn({}, ...args)

/** The same in pieces, to see the lines as they come. */
export const prepareIn = (
  { colours = false, env = {}, stdin }: Surroundings,
  ...args: ReadonlyArray<string>
) =>
  Effect.gen(function* () {
    const out = yield* Queue.unbounded<string>()
    const err = yield* Queue.unbounded<string>()
    const host = Layer.mergeAll(
      NodeContext.layer,
      NodeHttpClient.layerUndici,
      NodeWire.layer(),
      Layer.succeed(Input, {
        isTerminal: stdin === undefined,
        text: Effect.succeed(stdin ?? "")
      }),
      Layer.succeed(Screen, Option.none()),
      Layer.succeed(Output, {
        out: (line) => Queue.offer(out, line),
        err: (line) => Queue.offer(err, line),
        colours
      }),
      Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(env))))
    )
    return { out, err, program: run(args, "1.2.3").pipe(Effect.provide(host)) }
  })

export const prepare = (...args: ReadonlyArray<string>) => prepareIn({}, ...args)
