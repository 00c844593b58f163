/**
 * What a command takes, as plain data: `@effect/cli` knows it, and says it in a usage and a text for
 * people. The command line is read by it (`argv.ts`), and help and completion are written from it.
 */
import * as CliConfig from "@effect/cli/CliConfig"
import * as Command from "@effect/cli/Command"
import * as Descriptor from "@effect/cli/CommandDescriptor"
import type * as HelpDoc from "@effect/cli/HelpDoc"
import type * as Span from "@effect/cli/HelpDoc/Span"
import type * as Usage from "@effect/cli/Usage"
import * as Option from "effect/Option"

export interface OptionSpec {
  /** With their dashes; the long one last. */
  readonly names: ReadonlyArray<string>
  /** What stands for its value; none for a switch. */
  readonly value: string | undefined
  readonly choices: ReadonlyArray<string>
  readonly isOptional: boolean
  readonly isRepeated: boolean
  readonly description: string
}

export interface ArgumentSpec {
  readonly name: string
  readonly isOptional: boolean
  readonly isRepeated: boolean
  readonly description: string
}

export interface CommandSpec {
  readonly name: string
  /** The first sentence first. */
  readonly about: ReadonlyArray<string>
  /** Command lines, and `# comments` on those that follow. */
  readonly examples: ReadonlyArray<string>
  readonly arguments: ReadonlyArray<ArgumentSpec>
  readonly options: ReadonlyArray<OptionSpec>
}

/** As every command has it; the parser must tell `-H` from `-h`, and is told no option that it may guess. */
export const config = CliConfig.make({
  isCaseSensitive: true,
  autoCorrectLimit: 0,
  showBuiltIns: false
})

/** By the names of the subcommands. */
export const subcommandsOf = <Name extends string, R, E, A>(
  command: Command.Command<Name, R, E, A>
): ReadonlyMap<string, CommandSpec> =>
  new Map(
    Array.from(Command.getSubcommands(command), ([name, descriptor]) => [
      name,
      specOf(name, descriptor)
    ])
  )

/** What every command has besides its own. */
export const helpOption: OptionSpec = {
  names: ["-h", "--help"],
  value: undefined,
  choices: [],
  isOptional: true,
  isRepeated: false,
  description: "Shows this help."
}

const specOf = (name: string, descriptor: Descriptor.Command<unknown>): CommandSpec => {
  const named = namedIn(Descriptor.getUsage(descriptor)).filter(({ usage }) =>
    /^[-<]/.test(usage.names[0] ?? "")
  )
  const sections = sectionsOf(Descriptor.getHelp(descriptor, config))
  const about = sections.get("DESCRIPTION")?.paragraphs ?? []
  // Both are walked in the same order.
  const options = named.filter(({ usage }) => usage.names[0]?.startsWith("-"))
  const args = named.filter(({ usage }) => usage.names[0]?.startsWith("<"))
  const describe = (section: string, index: number) =>
    sections.get(section)?.descriptions[index] ?? ""
  return {
    name,
    about,
    examples: sections.get("Examples")?.paragraphs ?? [],
    arguments: args.map(({ isOptional, isRepeated, usage }, index) => ({
      name: usage.names[0] ?? "",
      isOptional,
      isRepeated,
      description: describe("ARGUMENTS", index)
    })),
    options: [
      ...options.map((option, index) => optionOf(option, describe("OPTIONS", index))),
      helpOption
    ]
  }
}

const optionOf = (
  { isOptional, isRepeated, usage }: NamedUsage,
  description: string
): OptionSpec => {
  const value = Option.getOrUndefined(usage.acceptedValues)
  const choices = value?.includes(" | ") ? value.split(" | ") : []
  return {
    names: Array.from(usage.names).sort((a, b) => a.length - b.length),
    value: choices.length > 0 ? choices.join("|") : value,
    choices,
    // As many as one likes are none, too.
    isOptional: isOptional || isRepeated,
    isRepeated,
    description
  }
}

interface NamedUsage {
  readonly usage: Usage.Named
  readonly isOptional: boolean
  readonly isRepeated: boolean
}

const namedIn = (
  usage: Usage.Usage,
  around = { isOptional: false, isRepeated: false }
): ReadonlyArray<NamedUsage> => {
  switch (usage._tag) {
    case "Named":
      return [{ usage, ...around }]
    case "Optional":
      return namedIn(usage.usage, { ...around, isOptional: true })
    case "Repeated":
      return namedIn(usage.usage, { ...around, isRepeated: true })
    case "Alternation":
    case "Concat":
      return [...namedIn(usage.left, around), ...namedIn(usage.right, around)]
    case "Empty":
    case "Mixed":
      return []
  }
}

interface Section {
  readonly paragraphs: Array<string>
  readonly descriptions: Array<string>
}

const sectionsOf = (help: HelpDoc.HelpDoc): ReadonlyMap<string, Section> => {
  const sections = new Map<string, Section>()
  let section: Section = { paragraphs: [], descriptions: [] }
  const walk = (doc: HelpDoc.HelpDoc): void => {
    switch (doc._tag) {
      case "Header":
        section = { paragraphs: [], descriptions: [] }
        sections.set(textOf(doc.value), section)
        return
      case "Paragraph":
        section.paragraphs.push(textOf(doc.value))
        return
      case "DescriptionList":
        for (const [, about] of doc.definitions) section.descriptions.push(described(about))
        return
      case "Enumeration":
        return doc.elements.forEach(walk)
      case "Sequence":
        walk(doc.left)
        return walk(doc.right)
      case "Empty":
        return
    }
  }
  walk(help)
  return sections
}

/** Ours, between what the parser says of the type and what it says of the option's being optional. */
const described = (help: HelpDoc.HelpDoc): string => {
  const [, ...paragraphs] = paragraphsOf(help)
  return paragraphs.filter((text) => !/^This (setting|option|argument) /.test(text)).join(" ")
}

const paragraphsOf = (help: HelpDoc.HelpDoc): ReadonlyArray<string> => {
  switch (help._tag) {
    case "Paragraph":
      return [textOf(help.value)]
    case "Sequence":
      return [...paragraphsOf(help.left), ...paragraphsOf(help.right)]
    default:
      return []
  }
}

const textOf = (span: Span.Span): string => {
  switch (span._tag) {
    case "Sequence":
      return textOf(span.left) + textOf(span.right)
    case "Text":
    case "URI":
      return span.value
    case "Highlight":
    case "Strong":
    case "Weak":
      return textOf(span.value)
  }
}
