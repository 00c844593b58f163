/** What the relay's process is told, and what it says. */
import * as Schema from "effect/Schema"

/** The header of the upgrade by which client and relay know which connection is meant. */
export const linkHeader = "x-link"

/** What it can do to the connections to one endpoint, those that come meanwhile included. */
export const Breakage = Schema.Literal(
  /** What the client sends vanishes, what it is sent does, or both. No FIN, no RST. */
  "lostUp",
  "lostDown",
  "lostBoth",
  /** Nothing passes until it heals, and then all of it. */
  "stalled",
  /** So many bytes a second pass in each direction. */
  "slow",
  /** They are reset, once. */
  "reset",
  /** They are reset, and nobody listens. */
  "refused"
)
export type Breakage = typeof Breakage.Type

export const Command = Schema.Union(
  /** Listen for so many endpoints. Answered by `Listening`. */
  Schema.TaggedStruct("Listen", { endpoints: Schema.Number }),
  /** Where an endpoint's server is; `null` while it is nowhere. */
  Schema.TaggedStruct("Aim", { endpoint: Schema.Number, port: Schema.NullOr(Schema.Number) }),
  Schema.TaggedStruct("Break", {
    endpoint: Schema.Number,
    how: Breakage,
    /** Bytes a second, for `slow`. */
    rate: Schema.Number
  }),
  /** A connection of which anything was lost is reset: TCP knows no gaps. */
  Schema.TaggedStruct("Heal", { endpoint: Schema.Number })
)
export type Command = typeof Command.Type

export const Event = Schema.Union(
  Schema.TaggedStruct("Listening", { ports: Schema.Array(Schema.Number) }),
  /** A client's end of a connection is gone. */
  Schema.TaggedStruct("Left", {
    endpoint: Schema.Number,
    link: Schema.Number,
    /** When the last byte was let through to it, by the machine's clock. */
    lastByteAt: Schema.Number
  })
)
export type Event = typeof Event.Type
