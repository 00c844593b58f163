/** Help, for a terminal of 80 columns and for a pipe. */
import type { Paint } from "./paint.js"
import type { CommandSpec, OptionSpec } from "./spec.js"

const width = 80

/** Of the program as a whole. */
export const overview = (
  { about, commands }: { readonly about: string; readonly commands: Iterable<CommandSpec> },
  paint: Paint
): string => {
  const rows = Array.from(commands, ({ about, name }): Row => [name, about[0] ?? ""])
  return [
    about,
    "",
    paint("bold", "Usage"),
    "  fiberline <command> [options] <arguments>",
    "",
    paint("bold", "Commands"),
    ...columns(rows, paint),
    "",
    paint("bold", "Options"),
    ...columns(
      [
        [
          "--completions <bash|zsh|fish>",
          "Prints a script that has a shell complete command lines."
        ],
        ["--version", "Prints the version."],
        ["-h, --help", "Shows this help; after a command, its own."]
      ],
      paint
    ),
    "",
    "`fiberline <command> --help` has the options of each, with examples."
  ].join("\n")
}

/** Of one command. */
export const ofCommand = (command: CommandSpec, paint: Paint): string => {
  const args = command.arguments.map(({ isOptional, isRepeated, name }) => {
    const shown = isRepeated ? `${name}...` : name
    return isOptional ? `[${shown}]` : shown
  })
  const [summary = "", ...more] = command.about
  return [
    ...wrap(summary, width),
    ...more.flatMap((paragraph) => ["", ...wrap(paragraph, width)]),
    "",
    paint("bold", "Usage"),
    `  ${["fiberline", command.name, "[options]", ...args].join(" ")}`,
    "",
    paint("bold", "Examples"),
    ...command.examples.map((line) => `  ${line.startsWith("#") ? paint("dim", line) : line}`),
    ...(command.arguments.length === 0
      ? []
      : [
          "",
          paint("bold", "Arguments"),
          ...columns(
            command.arguments.map(({ description, name }): Row => [name, description]),
            paint
          )
        ]),
    "",
    paint("bold", "Options"),
    ...columns(
      command.options.map((option): Row => [heading(option), option.description]),
      paint
    )
  ].join("\n")
}

const heading = ({ choices, isRepeated, names, value }: OptionSpec): string => {
  const short = names[0]?.length === 2 ? "" : "    "
  const shown = value === undefined ? "" : ` ${choices.length > 0 ? `<${value}>` : value}`
  return `${short}${names.join(", ")}${shown}${isRepeated ? " ..." : ""}`
}

type Row = readonly [heading: string, description: string]

/** Where headings are long, descriptions stand below them. */
const columns = (rows: ReadonlyArray<Row>, paint: Paint): ReadonlyArray<string> => {
  const longest = Math.max(...rows.map(([heading]) => heading.length))
  const indent = Math.min(longest, 24) + 4
  return rows.flatMap(([heading, description]) => {
    const [first = "", ...more] = wrap(description, width - indent)
    const rest = more.map((line) => " ".repeat(indent) + line)
    const bold = paint("bold", heading)
    return heading.length + 4 <= indent
      ? [`  ${bold}${" ".repeat(indent - heading.length - 2)}${first}`, ...rest]
      : [`  ${bold}`, " ".repeat(indent) + first, ...rest]
  })
}

const wrap = (text: string, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line = ""
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === "" ? word : `${line} ${word}`
  }
  return [...lines, line]
}
