/** What the client's process is told, and what it says. Times are those of the machine's clock. */
import * as Schema from "effect/Schema"
import { Name } from "./subprotocols.js"

/** Times are in milliseconds. */
export const Options = Schema.Struct({
  subprotocol: Name,
  interval: Schema.Number,
  timeout: Schema.Number,
  connectTimeout: Schema.Number,
  ackTimeout: Schema.Number,
  closeTimeout: Schema.Number,
  /** How often, and without a pause, a lost connection is made again. */
  reconnects: Schema.Number
})
export type Options = typeof Options.Type

/** What is subscribed to, and how it is consumed. */
export const Subscription = Schema.Struct({
  /** Milliseconds between two events; 0 is as fast as the link takes them. */
  every: Schema.Number,
  /** After this event the server falls silent. */
  last: Schema.optional(Schema.Number),
  /** Characters in each event. */
  ballast: Schema.optional(Schema.Number),
  /** Results that wait to be taken before the socket is not read. */
  capacity: Schema.optional(Schema.Number),
  /** Milliseconds that the consumer does something else after each event, while others may run. */
  rest: Schema.optional(Schema.Number)
})
export type Subscription = typeof Subscription.Type

export const Command = Schema.Union(
  /** `origin` is the URL without a path. */
  Schema.TaggedStruct("Open", { origin: Schema.String, options: Options }),
  /** Answered by `Connected`. */
  Schema.TaggedStruct("Connect", {}),
  /** Some time later: `Ended`. */
  Schema.TaggedStruct("Subscribe", { subscription: Subscription }),
  /** Blocks the event loop for so many milliseconds. Answered by `Seen`. */
  Schema.TaggedStruct("Block", { millis: Schema.Number }),
  /** Answered by `Seen`. */
  Schema.TaggedStruct("Look", {}),
  /** Answered by `Closed`. */
  Schema.TaggedStruct("Close", {}),
  /** Collects garbage. Answered by `Measured`. */
  Schema.TaggedStruct("Measure", {})
)
export type Command = typeof Command.Type

/**
 * The longest that the event loop did not run meanwhile, in milliseconds: because the machine had other
 * things to do, as a rule. A timer may be late by so much, whoever has set it.
 */
const late = Schema.Number

export const Ended = Schema.TaggedStruct("Ended", {
  /** Which error: the reason of a `NetworkError`, the violation of a `ProtocolError`. */
  reason: Schema.String,
  at: Schema.Number,
  /** When it was subscribed. */
  subscribedAt: Schema.Number,
  /** When the last attempt to connect began, when its WebSocket was open, and when a byte came last. */
  attemptAt: Schema.Number,
  openAt: Schema.Number,
  lastByteAt: Schema.Number,
  late
})
export type Ended = typeof Ended.Type

export const Seen = Schema.TaggedStruct("Seen", {
  events: Schema.Number,
  /** Whether they came in order, without a gap and none of them twice. */
  inOrder: Schema.Boolean
})
export type Seen = typeof Seen.Type

export const Closed = Schema.TaggedStruct("Closed", {
  /** When closing began, and when it was over. */
  from: Schema.Number,
  to: Schema.Number,
  late
})
export type Closed = typeof Closed.Type

export const Measured = Schema.TaggedStruct("Measured", {
  sockets: Schema.Number,
  descriptors: Schema.Number,
  heapBytes: Schema.Number
})
export type Measured = typeof Measured.Type

/** The last that it says: what still keeps it from ending, though its client is closed. */
const Left = Schema.TaggedStruct("Left", { open: Schema.Array(Schema.String) })

export const Event = Schema.Union(
  Schema.TaggedStruct("Connected", {}),
  Ended,
  Seen,
  Closed,
  Measured,
  Left
)
export type Event = typeof Event.Type
