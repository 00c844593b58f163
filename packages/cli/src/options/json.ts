/** JSON on the command line and in files. What is none is not quoted: it may be a secret. */
import type { JsonObject } from "@fiberline/core/Message"
import * as Either from "effect/Either"
import { UsageError } from "../usage.js"

export const parseObject = (option: string, text: string): Either.Either<JsonObject, UsageError> =>
  Either.try((): unknown => JSON.parse(text)).pipe(
    Either.filterOrLeft(isObject, () => undefined),
    Either.mapLeft(() => new UsageError({ message: `${option} must be a JSON object` }))
  )

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)
