/** What variables an operation has: of a file, of `--variables`, and one by one, the later over the earlier. */
import type * as FileSystem from "@effect/platform/FileSystem"
import type { JsonObject } from "@fiberline/core/Message"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Files from "../files.js"
import { UsageError } from "../usage.js"
import { parseObject } from "./json.js"

export interface VariablesOptions {
  readonly file: string | undefined
  readonly json: string | undefined
  /** `name:value` each. */
  readonly single: ReadonlyArray<string>
}

export const resolve = ({
  file,
  json,
  single
}: VariablesOptions): Effect.Effect<JsonObject | undefined, UsageError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    if (file === undefined && json === undefined && single.length === 0) return undefined
    const fromFile =
      file === undefined ? {} : yield* parseObject("--variables-file", yield* Files.read(file))
    const fromJson = json === undefined ? {} : yield* parseObject("--variables", json)
    const each = yield* Effect.forEach(single, parseSingle)
    return { ...fromFile, ...fromJson, ...Object.fromEntries(each) }
  })

/** JSON if it is, and a string if it is not, or is a number with more digits than JavaScript's hold. */
export const parseSingle = (
  text: string
): Either.Either<readonly [name: string, value: unknown], UsageError> => {
  const [, name, value] = /^([A-Za-z_]\w*):([^]*)$/.exec(text) ?? []
  if (name === undefined || value === undefined) {
    return Either.left(new UsageError({ message: "--variable must be name:value" }))
  }
  const json = Either.getOrElse(
    Either.try((): unknown => JSON.parse(value)),
    () => value
  )
  const isRounded = /^-?\d+$/.test(value) && !Number.isSafeInteger(json)
  return Either.right([name, isRounded ? value : json])
}
