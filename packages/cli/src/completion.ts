/**
 * Scripts that have a shell complete command lines. They are written from the same specification as the
 * help, and ask for nothing when a key is pressed.
 */
import * as Either from "effect/Either"
import type { CommandSpec, OptionSpec } from "./spec.js"
import { UsageError } from "./usage.js"

const shells = ["bash", "zsh", "fish"] as const

export const script = (
  shell: string | undefined,
  commands: Iterable<CommandSpec>
): Either.Either<string, UsageError> => {
  const all = Array.from(commands)
  switch (shell) {
    case "bash":
      return Either.right(bash(all))
    case "zsh":
      return Either.right(zsh(all))
    case "fish":
      return Either.right(fish(all))
    default:
      return Either.left(
        new UsageError({ message: `--completions must be one of ${shells.join(", ")}` })
      )
  }
}

const globals = [
  ["--help", "Shows help"],
  ["--version", "Prints the version"],
  ["--completions", "Prints a script that completes command lines"]
] as const

const isPath = ({ value }: OptionSpec): boolean => value?.includes("path") ?? false

const takesFiles = (command: CommandSpec): boolean =>
  command.arguments.some(({ isRepeated }) => isRepeated)

// -- bash -------------------------------------------------------------------------------------------

const bash = (commands: ReadonlyArray<CommandSpec>): string => {
  const words = (all: ReadonlyArray<string>) =>
    `COMPREPLY=($(compgen -W "${all.join(" ")}" -- "$cur"))`
  const values = commands.flatMap(({ name, options }) =>
    options.flatMap((option) => {
      if (option.value === undefined) return []
      const cases = option.names.map((word) => `${name}:${word}`).join("|")
      const offered =
        option.choices.length > 0
          ? words(option.choices)
          : isPath(option)
            ? 'COMPREPLY=($(compgen -f -- "$cur"))'
            : ":"
      return [`    ${cases}) ${offered}; return ;;`]
    })
  )
  const names = commands.map(
    ({ name, options }) => `      ${name}) ${words(options.flatMap(({ names }) => names))} ;;`
  )
  const files = commands.filter(takesFiles).map(({ name }) => name)
  return [
    "_fiberline() {",
    '  local cur="${COMP_WORDS[COMP_CWORD]}" prev="${COMP_WORDS[COMP_CWORD-1]}"',
    "  COMPREPLY=()",
    "  # bash takes `--name=value` for three words.",
    '  if [[ $cur == "=" ]]; then cur=""',
    '  elif [[ $prev == "=" ]]; then prev="${COMP_WORDS[COMP_CWORD-2]}"; fi',
    "  if [[ $COMP_CWORD -eq 1 ]]; then",
    `    ${words([...commands.map(({ name }) => name), ...globals.map(([name]) => name)])}`,
    "    return",
    "  fi",
    '  case "${COMP_WORDS[1]}:$prev" in',
    `    --completions:*) ${words(shells)}; return ;;`,
    ...values,
    "  esac",
    "  if [[ $cur == -* ]]; then",
    '    case "${COMP_WORDS[1]}" in',
    ...names,
    "    esac",
    "    return",
    "  fi",
    ...(files.length > 0
      ? [
          '  case "${COMP_WORDS[1]}" in',
          `    ${files.join("|")}) COMPREPLY=($(compgen -f -- "$cur")) ;;`,
          "  esac"
        ]
      : []),
    "}",
    "complete -o filenames -F _fiberline fiberline"
  ].join("\n")
}

// -- zsh --------------------------------------------------------------------------------------------

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

const zsh = (commands: ReadonlyArray<CommandSpec>): string => {
  // In these, colons and brackets have a meaning.
  const plain = (text: string) => text.replace(/[[\]:\\]/g, "\\$&")
  const described = (command: CommandSpec) =>
    quoted(`${command.name}:${plain(command.about[0] ?? "")}`)
  const specsOf = (option: OptionSpec): ReadonlyArray<string> => {
    const alone = option.isRepeated ? "*" : `(${option.names.join(" ")})`
    const action =
      option.choices.length > 0 ? `(${option.choices.join(" ")})` : isPath(option) ? "_files" : " "
    const value = option.value === undefined ? "" : `:value:${action}`
    return option.names.map((name) =>
      quoted(
        // A long one may have its value after an equals sign.
        `${alone}${name}${value !== "" && name.startsWith("--") ? "=" : ""}[${plain(option.description)}]${value}`
      )
    )
  }
  return [
    "#compdef fiberline",
    "_fiberline() {",
    "  local -a commands",
    "  commands=(",
    ...commands.map((command) => `    ${described(command)}`),
    "  )",
    "  if (( CURRENT == 2 )); then",
    "    _describe -t commands command commands",
    `    _values option ${globals.map(([name, about]) => quoted(`${name}[${about}]`)).join(" ")}`,
    "    return",
    "  fi",
    '  local command="$words[2]"',
    "  shift words",
    "  (( CURRENT-- ))",
    "  case $command in",
    ...commands.flatMap((command) => [
      `    ${command.name})`,
      // No word on what follows the options: zsh would offer the words, and no longer complete.
      [
        "      _arguments -s -S",
        ...command.options.flatMap(specsOf),
        ...(takesFiles(command) ? [quoted("*:file:_files")] : [])
      ].join(" \\\n        "),
      "      ;;"
    ]),
    `    --completions) _values shell ${shells.join(" ")} ;;`,
    "  esac",
    "}",
    // Read by `source`, or found in $fpath.
    'if [[ "$funcstack[1]" == _fiberline ]]; then _fiberline "$@"; else compdef _fiberline fiberline; fi'
  ].join("\n")
}

// -- fish -------------------------------------------------------------------------------------------

const fish = (commands: ReadonlyArray<CommandSpec>): string => {
  const text = (line: string) => `'${line.replace(/[\\']/g, "\\$&")}'`
  const first = "complete -c fiberline -n __fish_use_subcommand"
  const optionOf = (command: CommandSpec, option: OptionSpec): string =>
    [
      `complete -c fiberline -n '__fish_seen_subcommand_from ${command.name}'`,
      ...option.names.map((name) =>
        name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`
      ),
      ...(option.value === undefined
        ? []
        : option.choices.length > 0
          ? ["-x", `-a ${text(option.choices.join(" "))}`]
          : [isPath(option) ? "-r -F" : "-x"]),
      `-d ${text(option.description)}`
    ].join(" ")
  return [
    "complete -c fiberline -f",
    ...commands.map(({ about, name }) => `${first} -a ${name} -d ${text(about[0] ?? "")}`),
    ...globals.map(([name, about]) =>
      name === "--completions"
        ? `${first} -l ${name.slice(2)} -x -a '${shells.join(" ")}' -d ${text(about)}`
        : `${first} -l ${name.slice(2)} -d ${text(about)}`
    ),
    ...commands.flatMap((command) => command.options.map((option) => optionOf(command, option))),
    ...commands
      .filter(takesFiles)
      .map(({ name }) => `complete -c fiberline -n '__fish_seen_subcommand_from ${name}' -F`)
  ].join("\n")
}
