/** What every client subscribes to, and what every message holds. */

/** One message's data. `n` counts the messages of a subscription, from `first` on. */
export interface Tick {
  readonly n: number
  readonly pad: string
}

export interface Data {
  readonly tick: Tick
}

/** The server does as the variables say, so that it needs no resolvers. */
export interface Variables {
  /** Sent at once, then the subscription completes; 0 to wait for what is spread. */
  readonly messages: number
  /** How long the payload of each message is, as JSON, in bytes. */
  readonly bytes: number
  /** Tells subscriptions apart, for clients that would make one of those that are the same. */
  readonly key: number
  /** Milliseconds between messages of a subscription that goes on for ever. */
  readonly every?: number
}

export const document =
  "subscription Ticks($messages: Int!, $bytes: Int!, $key: Int!, $every: Int) { tick(messages: $messages, bytes: $bytes, key: $key, every: $every) { n pad } }"

/** Counting begins here, so that all numbers have eight digits and all frames one length. */
export const first = 10_000_000
