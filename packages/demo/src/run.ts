/** A command line to its exit code. */
import type { WireConstructor } from "@fiberline/client/Wire"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { help, parse } from "./arguments.js"
import { demo } from "./demo.js"
import { Output } from "./output.js"
import { watch } from "./watch.js"

export const run = (
  args: ReadonlyArray<string>
): Effect.Effect<number, never, Output | WireConstructor> =>
  Effect.gen(function* () {
    const { err, out } = yield* Output
    const command = parse(args)
    if (Either.isLeft(command)) {
      yield* err(`${command.left.message}\nSee npm start -- --help`)
      return 2
    }
    switch (command.right._tag) {
      case "Help":
        return yield* Effect.as(out(help), 0)
      case "Demo":
        return yield* demo(command.right)
      case "Watch":
        return yield* watch(command.right)
    }
  })
