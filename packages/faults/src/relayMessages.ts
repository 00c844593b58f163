/** What the relay's process is told, and what it says. */
import * as Schema from "effect/Schema"

/** How bytes travel in one direction. */
export const Shape = Schema.Struct({
  /** Each is late by anything between nothing and so many milliseconds, and none overtakes another. */
  jitter: Schema.optional(Schema.Number),
  /** So many bytes a second at most. */
  rate: Schema.optional(Schema.Number)
})
export type Shape = typeof Shape.Type

export const Command = Schema.Union(
  /** Where to relay to, on this machine. Answered by `Listening`. */
  Schema.TaggedStruct("Listen", { to: Schema.Number }),
  /** From here on. Answered by `Shaped`. */
  Schema.TaggedStruct("Shape", { up: Shape, down: Shape })
)
export type Command = typeof Command.Type

export const Event = Schema.Union(
  Schema.TaggedStruct("Listening", { port: Schema.Number }),
  Schema.TaggedStruct("Shaped", {})
)
export type Event = typeof Event.Type
