/**
 * An event stream (`text/event-stream`), split into its events as it arrives.
 *
 * It differs from the specification in one thing, for which it is no parser from npm: an event that has a
 * name and no data is an event. graphql-sse's protocol permits it for `complete`, servers send it, and an
 * `EventSource`, like every parser made after it, would have such a stream end without its end.
 *
 * Source: HTML, section 9.2.6, "Interpreting an event stream".
 *
 * @since 0.1.0
 */

/**
 * @since 0.1.0
 * @category models
 */
export interface ServerSentEvent {
  /** `undefined` where it has none, which the specification calls `message`. */
  readonly event?: string | undefined
  /** Its lines, joined by line feeds; empty where it has none. */
  readonly data: string
}

/**
 * @since 0.1.0
 * @category models
 */
export class EventStream {
  /** The beginning of a line that has not ended. */
  #pending: Array<string> = []
  #data: Array<string> = []
  #event: string | undefined = undefined
  /** UTF-16 units held of the event that has not ended. */
  #size = 0
  #isTooLarge = false
  #isFirst = true
  /** The last text ended with a carriage return: a line feed that follows is part of it. */
  #endedWithCr = false

  /** @param maxSize of one event, in UTF-16 units */
  constructor(readonly maxSize: number) {}

  /** Set once an event was larger than it may be. Nothing more is read then. */
  get isTooLarge(): boolean {
    return this.#isTooLarge
  }

  /** The events that this text completes. */
  push(text: string): ReadonlyArray<ServerSentEvent> {
    if (text === "") return none
    const events: Array<ServerSentEvent> = []
    let start = this.#startOf(text)
    let lf = text.indexOf("\n", start)
    let cr = text.indexOf("\r", start)
    while ((lf >= 0 || cr >= 0) && !this.#isTooLarge) {
      const end = cr >= 0 && (lf < 0 || cr < lf) ? cr : lf
      this.#add(text.slice(start, end))
      if (!this.#isTooLarge) this.#endLine(events)
      start = end + (end === cr && lf === cr + 1 ? 2 : 1)
      if (lf >= 0 && lf < start) lf = text.indexOf("\n", start)
      if (cr >= 0 && cr < start) cr = text.indexOf("\r", start)
    }
    this.#endedWithCr = text.endsWith("\r")
    if (!this.#isTooLarge) this.#add(text.slice(start))
    return events
  }

  /** Behind a byte order mark, and behind the second half of a line's end. */
  #startOf(text: string): number {
    const skipped = this.#isFirst ? "\uFEFF" : this.#endedWithCr ? "\n" : undefined
    this.#isFirst = false
    return skipped !== undefined && text.startsWith(skipped) ? 1 : 0
  }

  #add(text: string): void {
    if (text === "") return
    this.#pending.push(text)
    this.#size += text.length
    this.#isTooLarge = this.#size > this.maxSize
  }

  #endLine(events: Array<ServerSentEvent>): void {
    const line = this.#pending.length === 1 ? (this.#pending[0] ?? "") : this.#pending.join("")
    this.#pending = []
    if (line === "") return this.#endEvent(events)
    const colon = line.indexOf(":")
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? "" : line.slice(colon + (line[colon + 1] === " " ? 2 : 1))
    if (field === "data") this.#data.push(value)
    else {
      // Comments and what else is not kept may be as many as they like.
      this.#size -= line.length
      if (field === "event") this.#event = value
    }
  }

  #endEvent(events: Array<ServerSentEvent>): void {
    if (this.#data.length > 0 || this.#event) {
      events.push({ event: this.#event || undefined, data: this.#data.join("\n") })
    }
    this.#data = []
    this.#event = undefined
    this.#size = 0
  }
}

const none: ReadonlyArray<never> = []
