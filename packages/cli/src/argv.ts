/**
 * A command line as people write it, to what `@effect/cli` reads without mistaking anything: the options
 * first, one by one and by their full names, then `--`, then the arguments.
 *
 * It reads only what stands in that order, and quotes what it cannot read. No complaint from here quotes
 * more of the command line than the name of an option: the rest may have been meant as a secret.
 */
import * as Either from "effect/Either"
import type { CommandSpec, OptionSpec } from "./spec.js"
import { UsageError } from "./usage.js"

export type CommandLine = Either.Either<
  | { readonly _tag: "Help"; readonly command: CommandSpec }
  | { readonly _tag: "Run"; readonly args: ReadonlyArray<string> },
  UsageError
>

const wrong = (message: string): Either.Either<never, UsageError> =>
  Either.left(new UsageError({ message }))

/** What follows the command's name. */
export const arrange = (command: CommandSpec, args: ReadonlyArray<string>): CommandLine =>
  Either.gen(function* () {
    const options: Array<string> = []
    const given = new Set<OptionSpec>()
    const positionals: Array<string> = []
    const rest = args.slice()

    for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
      if (arg === "--") {
        positionals.push(...rest)
        break
      }
      // A dash alone is standard input.
      if (!arg.startsWith("-") || arg === "-") {
        positionals.push(arg)
        continue
      }
      const { attached, name } = split(arg)
      const option = command.options.find(({ names }) => names.includes(name))
      if (!option) return yield* unknown(command, name)
      const full = option.names.at(-1) ?? name
      if (option.value === undefined && attached !== undefined) {
        return yield* wrong(`${full} takes no value`)
      }
      if (full === "--help") return { _tag: "Help", command }
      if (given.has(option) && !option.isRepeated) {
        return yield* wrong(`${full} is given more than once`)
      }
      given.add(option)
      if (option.value === undefined) {
        options.push(full)
        continue
      }
      const value = attached ?? (isValue(rest[0]) ? rest.shift() : undefined)
      if (!value) {
        return yield* wrong(
          `${full} needs a value` +
            (rest[0]?.startsWith("-") ? `; one that begins with a dash is written ${full}=-…` : "")
        )
      }
      if (option.choices.length > 0 && !option.choices.includes(value)) {
        return yield* wrong(`${full} must be one of ${option.choices.join(", ")}`)
      }
      options.push(full, value)
    }

    const missing = command.options.find((option) => !option.isOptional && !given.has(option))
    if (missing) return yield* wrong(`${missing.names.at(-1)} is missing`)
    yield* count(command, positionals.length)
    return { _tag: "Run", args: [command.name, ...options, "--", ...positionals] }
  })

const isValue = (arg: string | undefined): boolean =>
  arg !== undefined && (!arg.startsWith("-") || arg === "-")

/** `--name=value`, `-Nvalue`, or a name alone. */
const split = (arg: string): { readonly name: string; readonly attached: string | undefined } => {
  const end = arg.startsWith("--") ? arg.indexOf("=") : arg.length > 2 ? 2 : -1
  if (end === -1) return { name: arg, attached: undefined }
  return { name: arg.slice(0, end), attached: arg.slice(arg.startsWith("--") ? end + 1 : end) }
}

const unknown = (command: CommandSpec, name: string): Either.Either<never, UsageError> => {
  // What is no name of an option may be a secret that begins with a dash.
  if (!/^--?[a-z][a-z-]*$/i.test(name)) return wrong("there is an option that is none")
  const all = command.options.flatMap(({ names }) => names)
  const alike = all.find((known) => name.length > 3 && distance(known, name) <= 2)
  return wrong(`there is no option ${name}${alike === undefined ? "" : `; ${alike} perhaps?`}`)
}

const count = (command: CommandSpec, given: number): Either.Either<void, UsageError> => {
  const required = command.arguments.filter(({ isOptional }) => !isOptional)
  const missing = required[given]
  if (missing) return wrong(`${missing.name} is missing`)
  if (command.arguments.some(({ isRepeated }) => isRepeated)) return Either.void
  const most = command.arguments.length
  return given <= most
    ? Either.void
    : wrong(
        `there are ${given} arguments, and ${command.name} takes ${most === 0 ? "none" : `at most ${most}`}; ` +
          "what has spaces needs quotes"
      )
}

/** How many letters to add, drop or change (Levenshtein). */
export const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
