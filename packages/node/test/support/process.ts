/** What shows in the process itself when something has got out of hand. */
import * as Effect from "effect/Effect"
import { isDeepStrictEqual } from "node:util"

export const watchProcess = Effect.acquireRelease(
  Effect.sync(() => {
    const troubles: Array<string> = []
    const properties = inherited()
    const listeners = (["uncaughtException", "unhandledRejection", "warning"] as const).map(
      (event) => {
        const listener = (what: unknown) =>
          troubles.push(`${event}: ${what instanceof Error ? what.stack : String(what)}`)
        process.on(event, listener)
        return () => process.off(event, listener)
      }
    )
    /** What went wrong since it was last asked. */
    const take = (): ReadonlyArray<string> => [
      ...troubles.splice(0),
      ...(isDeepStrictEqual(inherited(), properties) ? [] : ["a prototype was polluted"])
    ]
    return { take, listeners }
  }),
  ({ listeners }) => Effect.sync(() => listeners.forEach((stop) => stop()))
)

const inherited = () =>
  [Object, Array, String, Function, Error].map(({ prototype }) =>
    Object.getOwnPropertyNames(prototype)
  )
