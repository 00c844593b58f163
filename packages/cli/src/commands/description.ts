/** What the help of a command says besides its options. */
import * as HelpDoc from "@effect/cli/HelpDoc"

/** @param examples command lines, and `# comments` on those that follow */
export const description = (
  about: ReadonlyArray<string>,
  examples: ReadonlyArray<string>
): HelpDoc.HelpDoc =>
  HelpDoc.blocks([
    ...about.map((text) => HelpDoc.p(text)),
    HelpDoc.h2("Examples"),
    ...examples.map((line) => HelpDoc.p(line))
  ])
