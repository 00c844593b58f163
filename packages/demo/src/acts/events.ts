/** The subscription of all acts, and what they show of its events. */
import * as Operation from "@fiberline/client/Operation"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Timeline } from "../timeline.js"

export const Events = Operation.subscription("subscription { events { number at } }", {
  data: Schema.Struct({
    events: Schema.Struct({ number: Schema.Int, at: Schema.DateFromNumber })
  })
})

type Data = Operation.Data<typeof Events>

export const tellEvent = ({ events: { at, number } }: Data): Effect.Effect<void, never, Timeline> =>
  Effect.flatMap(Timeline, ({ tell }) =>
    tell("event", `event ${number} of ${at.toISOString().slice(11, 23)}`)
  )
