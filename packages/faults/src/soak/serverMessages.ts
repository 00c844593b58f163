/** What a server's process is told, and what it says. */
import * as Schema from "effect/Schema"

/** What a server can do that breaks an invariant, to see that somebody notices. */
export const Lie = Schema.Literal("altered", "skipped", "repeated", "twice")
export type Lie = typeof Lie.Type

export const Command = Schema.TaggedStruct("Serve", {
  /** Their numbers. */
  endpoints: Schema.Array(Schema.Number),
  /** When their logs began, by the machine's clock. */
  epoch: Schema.Number,
  lie: Schema.NullOr(Lie)
})
export type Command = typeof Command.Type

export const Event = Schema.Union(
  /** In the order of the endpoints. */
  Schema.TaggedStruct("Listening", { ports: Schema.Array(Schema.Number) }),
  /** It has executed the mutation of this key. */
  Schema.TaggedStruct("Executed", { endpoint: Schema.Number, key: Schema.Number })
)
export type Event = typeof Event.Type
