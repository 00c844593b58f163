/** The subscription that everybody has. */
import type { Typed } from "@fiberline/client/Operation"
import type { Event } from "./subscriberWatch.js"

export interface Variables {
  readonly who: string
  /** The event after which it begins; without it, with what is published next. */
  readonly after?: number
  readonly count?: number
}

export interface Data {
  readonly event: Event
}

// Type boundary: the document is text, and its types are taken at their word. `SubscriberWatch` looks
// at what the data hold.
export const watching =
  "subscription ($after: Int, $count: Int, $who: String) { event { number text } }" as string &
    Typed<Variables, Data>

/** What to go on with after a loss. */
export const resume = ({ event: { number } }: Data, variables: Variables): Variables => {
  const { after = 0, count, who } = variables
  return {
    who,
    after: number,
    ...(count && { count: Math.max(0, count - (number - after)) })
  }
}
