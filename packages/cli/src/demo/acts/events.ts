/** The subscriptions of the acts, and what they show of their events. */
import * as Operation from "@fiberline/client/Operation"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Timeline } from "../timeline.js"

const data = Schema.Struct({
  events: Schema.Struct({ number: Schema.Int, at: Schema.DateFromNumber })
})

export const Events = Operation.subscription("subscription { events { number at } }", { data })

/** The same with a cursor. */
export const Journal = Operation.subscription(
  "subscription ($after: Int) { events: journal(after: $after) { number at } }",
  { data, variables: Schema.Struct({ after: Schema.optional(Schema.Int) }) }
)

export const tellEvent = (
  { events: { at, number } }: typeof data.Type,
  remark?: string
): Effect.Effect<void, never, Timeline> =>
  Effect.flatMap(Timeline, ({ tell }) =>
    tell("event", `event ${number} of ${timeOf(at)}${remark === undefined ? "" : `, ${remark}`}`)
  )

export const timeOf = (date: Date): string => date.toISOString().slice(11, 23)
