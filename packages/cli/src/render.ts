/** Results as they are printed: a line of JSON each, or what a person reads. */
import type { Result } from "@fiberline/client/Operation"
import type { Paint } from "./paint.js"
import { printable } from "./printable.js"

export const formats = ["json", "pretty", "data"] as const

export type Format = (typeof formats)[number]

/** With `errors` and `extensions` only where there are any. */
export const render = (
  { data, errors, extensions }: Result<unknown>,
  format: Format,
  paint: Paint
): string => {
  const result = {
    data,
    ...(errors.length > 0 && { errors }),
    ...(extensions !== undefined && { extensions })
  }
  switch (format) {
    case "json":
      return printable(JSON.stringify(result))
    case "data":
      return printable(JSON.stringify(data))
    case "pretty":
      return JSON.stringify(result, null, 2)
        .split("\n")
        .map((line) => paintJson(printable(line), paint))
        .join("\n")
  }
}

/** A line of indented JSON, by what its tokens are. */
const paintJson = (line: string, paint: Paint): string =>
  line.replace(
    /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d[\d.eE+-]*/g,
    (token, text: string | undefined, colon: string | undefined) => {
      if (text !== undefined)
        return colon === undefined ? paint("green", text) : paint("cyan", text) + colon
      return paint(/^[tfn]/.test(token) ? "magenta" : "yellow", token)
    }
  )

/** An error of GraphQL in a line: where in the result, and where in the document. */
export const describeError = ({
  locations,
  message,
  path
}: Result<unknown>["errors"][number]): string => {
  const [at] = locations ?? []
  return printable(
    (path && path.length > 0 ? `${path.join(".")}: ` : "") +
      message +
      (at ? ` (line ${at.line}, column ${at.column})` : "")
  )
}
