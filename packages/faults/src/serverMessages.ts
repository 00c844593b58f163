/** What the server's process is told, and what it says. */
import * as Schema from "effect/Schema"

/** How it treats whoever comes. */
export const Manners = Schema.Literal("serves", "never upgrades", "never acknowledges")
export type Manners = typeof Manners.Type

export const Command = Schema.Union(
  /** Treat those who come from now on like this. Answered by `Broken`. */
  Schema.TaggedStruct("Behave", {
    manners: Manners,
    /** Reset those who are there. */
    reset: Schema.Boolean
  }),
  /** Break down when the next subscription arrives. Answered by `Broken`, then. */
  Schema.TaggedStruct("BreakOnSubscribe", { how: Schema.Literal("reset", "die") })
)
export type Command = typeof Command.Type

export const Event = Schema.Union(
  Schema.TaggedStruct("Listening", { port: Schema.Number }),
  /** Somebody's TCP connection was accepted. */
  Schema.TaggedStruct("Accepted", {}),
  /** Somebody has sent this message. Pings are not told of. */
  Schema.TaggedStruct("Received", { type: Schema.String }),
  /** It did what it was told to, at this time of the machine's clock. */
  Schema.TaggedStruct("Broken", { at: Schema.Number })
)
export type Event = typeof Event.Type
