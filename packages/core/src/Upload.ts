/**
 * Files among the variables of an operation.
 *
 * Source: "GraphQL multipart request specification". A request is a form with three kinds of fields, in
 * this order: `operations`, the request with null in place of each file; `map`, which says where each
 * file belongs; the files.
 *
 * @since 0.1.0
 */
import { isList } from "./internal/draft.js"
import { isObject } from "./internal/json.js"
import type { JsonObject } from "./Message.js"

/**
 * Variables without their files, and the files with the paths where they were.
 *
 * @since 0.1.0
 * @category models
 */
export interface Extracted<File> {
  /** With null in place of each file. */
  readonly variables: JsonObject | undefined
  /** In the order in which they were found. A file that stands at several places is here once. */
  readonly files: ReadonlyArray<{
    readonly file: File
    /** As `map` has them: `variables.input.files.0`. */
    readonly paths: ReadonlyArray<string>
  }>
}

/**
 * Takes the files out of variables, which it leaves as they are. What has no file in it is not copied.
 *
 * @since 0.1.0
 * @category extracting
 */
export const extract = <File>(
  variables: JsonObject | undefined,
  isFile: (value: unknown) => value is File
): Extracted<File> => {
  const extraction = new Extraction(isFile)
  return {
    variables: variables && extraction.fields(variables, "variables"),
    files: Array.from(extraction.found, ([file, paths]) => ({ file, paths }))
  }
}

class Extraction<File> {
  readonly found = new Map<File, Array<string>>()
  /** What we are inside of. */
  readonly #open = new Set<unknown>()

  constructor(readonly isFile: (value: unknown) => value is File) {}

  fields(object: JsonObject, path: string): JsonObject {
    const before = Object.entries(object)
    const after = before.map(([key, value]) => [key, this.#value(value, `${path}.${key}`)] as const)
    return after.some(([, value], at) => !Object.is(value, before[at]?.[1]))
      ? // Not by assignment, which for `__proto__` would change the prototype.
        Object.fromEntries(after)
      : object
  }

  #value(value: unknown, path: string): unknown {
    if (this.isFile(value)) {
      const paths = this.found.get(value)
      if (paths === undefined) this.found.set(value, [path])
      else paths.push(path)
      return null
    }
    // A cycle is for `JSON.stringify` to refuse.
    if (this.#open.has(value)) return value
    this.#open.add(value)
    const replaced = this.#inside(value, path)
    this.#open.delete(value)
    return replaced
  }

  #inside(value: unknown, path: string): unknown {
    if (isList(value)) {
      const items = value.map((item, at) => this.#value(item, `${path}.${at}`))
      return items.some((item, at) => !Object.is(item, value[at])) ? items : value
    }
    // What says for itself how it is written in JSON, a date for instance, has no members there.
    return isObject(value) && typeof value.toJSON !== "function" ? this.fields(value, path) : value
  }
}
