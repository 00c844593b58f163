/**
 * `${NAME}` in an argument stands for what the environment has under that name. In single quotes the
 * shell leaves it alone, so that no other process sees the value among our arguments.
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import { UsageError } from "./usage.js"

export interface Interpolated {
  readonly text: string
  /** What came from the environment. */
  readonly secrets: ReadonlyArray<string>
}

/** `$${NAME}` is `${NAME}` itself. */
const reference = /(\$?)\$\{([A-Za-z_]\w*)\}/g

/** @param option what the text was given by, for the complaint that a name is unknown */
export const interpolate = (
  option: string,
  text: string
): Effect.Effect<Interpolated, UsageError> =>
  Effect.gen(function* () {
    const values = new Map<string, string>()
    for (const [, escape, name = ""] of text.matchAll(reference)) {
      if (escape || values.has(name)) continue
      values.set(name, yield* variable(option, name))
    }
    return {
      text: text.replace(reference, (_, escape: string, name: string) =>
        escape ? `\${${name}}` : (values.get(name) ?? "")
      ),
      secrets: Array.from(values.values())
    }
  })

const variable = (option: string, name: string): Effect.Effect<string, UsageError> =>
  Config.nonEmptyString(name).pipe(
    Effect.mapError(
      () => new UsageError({ message: `${option} names ${name}, which is not in the environment` })
    )
  )

/** The same for every string in a JSON value. */
export const interpolateIn = (
  option: string,
  value: unknown
): Effect.Effect<
  { readonly value: unknown; readonly secrets: ReadonlyArray<string> },
  UsageError
> =>
  Effect.gen(function* () {
    const secrets: Array<string> = []
    const walk = (value: unknown): Effect.Effect<unknown, UsageError> => {
      if (typeof value === "string") {
        return Effect.map(interpolate(option, value), (interpolated) => {
          secrets.push(...interpolated.secrets)
          return interpolated.text
        })
      }
      if (Array.isArray(value)) return Effect.forEach(value, walk)
      if (typeof value !== "object" || value === null) return Effect.succeed(value)
      return Effect.map(
        Effect.forEach(Object.entries(value), ([key, inside]) =>
          Effect.map(walk(inside), (inside) => [key, inside] as const)
        ),
        Object.fromEntries
      )
    }
    return { value: yield* walk(value), secrets }
  })
