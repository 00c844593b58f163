/** What the types of a schema are exported as. */

/** What every file imports. */
export const reserved: ReadonlyMap<string, string> = new Map([
  ["Operation", "@fiberline/client/Operation"],
  ["Schema", "effect/Schema"]
])

/** Words that no constant of a module, or no type, can be called; and types that generated files use. */
const taken = new Set(
  (
    "any arguments as await bigint boolean break case catch class const continue debugger default delete do " +
    "else enum eval export extends false finally for function if implements import in instanceof interface " +
    "let never new null number object package private protected public return static string super switch " +
    "symbol this throw true try typeof undefined unknown var void while with yield " +
    "Exclude ReadonlyArray otherThan unlike"
  ).split(" ")
)

/**
 * The name itself wherever that can be, because whoever reads the schema knows it. The schema is often
 * somebody else's: what is in the way gets out of it.
 */
export const exportedName = (type: string): string =>
  taken.has(type) || reserved.has(type) ? `${type}_` : type
