/** What the acts show of their events. */
import * as Effect from "effect/Effect"
import type { EventsData } from "../operations.generated.js"
import { Timeline } from "../timeline.js"

export const tellEvent = (
  { events: { at, number } }: EventsData,
  remark?: string
): Effect.Effect<void, never, Timeline> =>
  Effect.flatMap(Timeline, ({ tell }) =>
    tell("event", `event ${number} of ${timeOf(at)}${remark === undefined ? "" : `, ${remark}`}`)
  )

export const timeOf = (date: Date): string => date.toISOString().slice(11, 23)
