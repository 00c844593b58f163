/**
 * What each endpoint publishes: a numbered log. It is a function of the machine's clock, so a server
 * that was killed goes on with it, and whoever reads it knows what every event must be.
 */

/** Milliseconds from one event to the next. */
export const every = 2000

/** Characters of an event's text, which its frame is longer than. */
export const textLength = 256

/** The number of the last event that was published at this time of the machine's clock. */
export const head = (epoch: number, endpoint: number, at: number): number =>
  Math.floor((at - publishedAt(epoch, endpoint, 0)) / every)

/** Endpoints take turns, or all would come at once. */
export const publishedAt = (epoch: number, endpoint: number, number: number): number =>
  epoch + number * every + ((endpoint * 200) % every)

export const textOf = (endpoint: number, number: number): string =>
  `endpoint ${endpoint}, event ${number}. `.repeat(textLength / 16).slice(0, textLength)

export interface Event {
  readonly number: number
  readonly text: string
}
