/** A command line to its exit code. */
import * as CliConfig from "@effect/cli/CliConfig"
import * as Command from "@effect/cli/Command"
import * as ValidationError from "@effect/cli/ValidationError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { arrange, distance } from "./argv.js"
import * as Completion from "./completion.js"
import { Ended, ExitCode } from "./exit.js"
import { fiberline } from "./fiberline.js"
import * as Help from "./help.js"
import { Output, Screen } from "./output.js"
import { paint } from "./paint.js"
import { config, subcommandsOf } from "./spec.js"
import { UsageError } from "./usage.js"

const about = "GraphQL from the command line: queries, mutations, and subscriptions that hold."

/** As they are told of: those that people come for first. */
const order = ["query", "mutate", "subscribe", "introspect", "validate", "doctor", "demo"]

const commands = new Map(
  Array.from(subcommandsOf(fiberline)).sort(([a], [b]) => order.indexOf(a) - order.indexOf(b))
)

/** @param args what follows the program's name */
export const run = (args: ReadonlyArray<string>, version: string) =>
  Effect.gen(function* () {
    const { colours, err, out } = yield* Output
    const [name, ...rest] = args
    const colour = paint(colours)
    if (name === "--version") return yield* out(version)
    const overview = Help.overview({ about, commands: commands.values() }, colour)
    if (name === "-h" || name === "--help") return yield* out(overview)
    if (name === undefined) {
      yield* err(Help.overview({ about, commands: commands.values() }, paint(false)))
      return yield* new Ended({ code: ExitCode.Usage })
    }
    const [option, shell = rest[0]] = name.split("=")
    if (option === "--completions")
      return yield* out(yield* Completion.script(shell, commands.values()))

    const command = commands.get(name)
    if (!command) return yield* unknown(name)
    const line = yield* arrange(command, rest)
    if (line._tag === "Help") return yield* out(Help.ofCommand(line.command, colour))
    yield* execute(["node", "fiberline", ...line.args])
  }).pipe(
    Effect.as<ExitCode>(ExitCode.Ended),
    Effect.catchTags({
      Ended: ({ code }) => Effect.succeed(code),
      UsageError: (error) => Effect.as(complain(error, args[0]), ExitCode.Usage)
    })
  )

/** It reads what `arrange` left in order, so that all it may find is what we have no rule for. */
const execute = (argv: ReadonlyArray<string>) =>
  Effect.consoleWith((console) =>
    Command.run(fiberline, { name: "fiberline", version: "" })(argv).pipe(
      // What it complains of it quotes, and in colours whoever reads it.
      Effect.withConsole({ ...console, error: () => Effect.void })
    )
  ).pipe(
    Effect.catchIf(
      ValidationError.isValidationError,
      () => new UsageError({ message: "the options and arguments do not go together" })
    ),
    Effect.provide(Layer.succeed(CliConfig.CliConfig, config))
  )

const complain = ({ message }: UsageError, name: string | undefined) =>
  Effect.gen(function* () {
    const { err } = yield* Output
    const screen = yield* Screen
    const colour = paint(Option.exists(screen, ({ colours }) => colours))
    const help =
      name !== undefined && commands.has(name) ? `fiberline ${name} --help` : "fiberline --help"
    yield* err(`${colour("red", "✗")} ${message}\n  See ${help}`)
  })

const unknown = (name: string) => {
  const alike = Array.from(commands.keys()).find((known) => distance(known, name) <= 2)
  return new UsageError({
    message: `there is no such command${alike === undefined ? "" : `; ${alike} perhaps?`}`
  })
}
