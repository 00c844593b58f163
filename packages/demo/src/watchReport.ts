/** What is said about a watched subscription: a timeline, or JSON lines. */
import type { Gap } from "@fiberline/client/Subscription"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Watch } from "./arguments.js"
import * as Ending from "./ending.js"
import { Output } from "./output.js"
import { conceal } from "./secrets.js"
import * as Timeline from "./timeline.js"

export interface Report {
  readonly connected: Effect.Effect<void>
  readonly event: (data: unknown) => Effect.Effect<void>
  /** The connection was lost, or could not be made, and will be made again. */
  readonly lost: (error: Ending.OperationFailure) => Effect.Effect<void>
  readonly back: (gap: Gap) => Effect.Effect<void>
  readonly completed: Effect.Effect<void>
  readonly failed: (error: Ending.OperationFailure) => Effect.Effect<void>
  /** Said after closing, and with what that took. */
  readonly interrupted: (closing: () => number) => Effect.Effect<void>
}

export const make = (command: Watch): Effect.Effect<Report, never, Output> =>
  command.json ? inJson(command) : inText(command)

const inText = ({ headers, payload, url }: Watch): Effect.Effect<Report, never, Output> =>
  Effect.gen(function* () {
    const { err } = yield* Output
    const { headline, tell } = yield* Timeline.Timeline
    const hide = conceal(headers, payload)
    let events = 0
    const because = (error: Ending.OperationFailure) => {
      const cause = hide(causeOf(error))
      return cause === undefined ? [] : [`because of: ${printable(cause)}`]
    }
    const seen = () => (events === 1 ? "1 event" : `${events} events`)
    yield* headline(`Subscribing at ${endpointOf(url)}`, "Ctrl-C ends it.")
    return {
      connected: tell("good", "connected"),
      event: (data) => tell("event", `event ${++events}  ${printable(JSON.stringify(hide(data)))}`),
      lost: (error) => {
        const { detail, phase } = hide(Ending.ofFailure(error))
        const what = phase === "live" ? "connection lost" : "no connection"
        return tell("failure", `${what}: ${printable(detail)}, reconnecting…`, ...because(error))
      },
      back: ({ duration }) =>
        tell(
          "gap",
          `back after ${Duration.toSeconds(duration).toFixed(1)} s, without what was published meanwhile`
        ),
      completed: Effect.suspend(() => tell("good", `the subscription completed after ${seen()}`)),
      failed: (error) =>
        Effect.suspend(() => {
          const ending = hide(Ending.ofFailure(error))
          return err(
            [
              `${Ending.show(ending)}, after ${seen()}`,
              printable(ending.message),
              ...because(error)
            ].join("\n")
          )
        }),
      interrupted: (closing) =>
        Effect.suspend(() =>
          tell("note", `interrupted after ${seen()}; closed in ${closing().toFixed(1)} ms`)
        )
    } satisfies Report
  }).pipe(Effect.provide(Timeline.text))

/**
 * Events as `{"event":1,"data":{…}}`, and a gap between them as `{"gap":{…}}`, once it is over; a
 * failure, as `{"error":{…}}`, is the last line.
 */
const inJson = ({ headers, payload }: Watch): Effect.Effect<Report, never, Output> =>
  Effect.map(Output, ({ out }) => {
    const hide = conceal(headers, payload)
    let events = 0
    const line = (value: object) => out(printable(JSON.stringify(hide(value))))
    return {
      connected: Effect.void,
      event: (data) => Effect.suspend(() => line({ event: ++events, data })),
      lost: () => Effect.void,
      back: ({ cause, duration, since }) =>
        line({
          gap: {
            since: DateTime.formatIso(since),
            durationMs: Duration.toMillis(duration),
            cause: fieldsOf(cause)
          }
        }),
      completed: Effect.void,
      failed: (error) => line({ error: fieldsOf(error) }),
      interrupted: () => Effect.void
    }
  })

const fieldsOf = (error: Ending.OperationFailure): object => {
  const { _tag, message, phase, reason, sent } = Ending.ofFailure(error)
  const cause = causeOf(error)
  return { _tag, reason, phase, sent, message, ...(cause !== undefined && { cause }) }
}

/** Without credentials, query and fragment, any of which may be secret. */
const endpointOf = ({ host, pathname, protocol }: URL): string => `${protocol}//${host}${pathname}`

const causeOf = (error: Ending.OperationFailure): string | undefined => {
  if (!("cause" in error && error.cause instanceof Error)) return undefined
  const { cause } = error
  // Node's error for a name with several addresses has nothing to say but its code.
  return cause.message || ("code" in cause ? String(cause.code) : cause.name)
}

/**
 * The server decides what is in a text; it must not decide what a terminal does. The form is that of
 * JSON, which stays the same JSON.
 */
const printable = (text: string): string =>
  text.replace(
    /[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
  )
