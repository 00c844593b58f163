/** What is wrong, and where: with the file, the line and the column in every message. */
import {
  type ASTNode,
  getLocation,
  GraphQLError,
  type Location,
  printSourceLocation,
  Source
} from "graphql"
import { readFileSync } from "node:fs"

export interface Problem {
  readonly message: string
  readonly nodes: ReadonlyArray<ASTNode | undefined>
}

/**
 * An error of all problems. Code Generator prints its message and nothing else of it, so the message has
 * the places.
 */
export const failure = (problems: ReadonlyArray<Problem>): GraphQLError =>
  new GraphQLError(problems.map(explain).join("\n\n"), {
    nodes: problems.flatMap(({ nodes }) => nodes.filter((node) => node !== undefined))
  })

/** Throws if there are any. */
export const failOn = (problems: ReadonlyArray<Problem>): void => {
  if (problems.length > 0) throw failure(problems)
}

const explain = ({ message, nodes }: Problem): string => {
  const places = nodes.map((node) => node?.loc).filter((loc) => loc !== undefined)
  return [message, ...places.map(frame)].join("\n\n")
}

/** The place, and the lines around it. */
const frame = (location: Location): string => {
  const { column, file, line, source } = placeOf(location)
  const [, ...lines] = printSourceLocation(source, { line, column }).split("\n")
  return [`${file}:${String(line)}:${String(column)}`, ...lines].join("\n")
}

export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
  /** What these count in. */
  readonly source: Source
}

/**
 * Where it is in its file, which may be one of TypeScript with documents in its templates. Code Generator has
 * parsed each of them as if it were all there is.
 */
export const placeOf = ({ source, start }: Location): Place => {
  const file = textOf(source.name)
  const found = file === undefined ? undefined : positionIn(file, source.body, start)
  if (file === undefined || found === undefined) {
    return { file: source.name, ...getLocation(source, start), source }
  }
  const whole = new Source(file, source.name)
  return { file: source.name, ...getLocation(whole, found), source: whole }
}

const textOf = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return undefined
  }
}

/** Where in a file a position of one of its documents is. */
const positionIn = (file: string, body: string, position: number): number | undefined => {
  const exact = file.indexOf(body)
  if (exact >= 0) return exact + position
  // Code Generator has left out what is interpolated, and the escapes of back-ticks.
  const kept: Array<number> = []
  let last = 0
  for (const { 0: gap, index } of file.matchAll(/\$\{[^}]*\}|\\(?=`)/g)) {
    for (let at = last; at < index; at++) kept.push(at)
    last = index + gap.length
  }
  for (let at = last; at < file.length; at++) kept.push(at)
  const from = kept
    .map((at) => file.charAt(at))
    .join("")
    .indexOf(body)
  return from < 0 ? undefined : kept[from + position]
}
