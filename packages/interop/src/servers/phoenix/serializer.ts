/** How Phoenix writes a message, in either version of it, and how it reads one. */

export interface Message {
  /** The `ref` of the join that it belongs to, if it says. Whatever JSON has for it comes back as it was. */
  readonly joinRef: unknown
  readonly ref: unknown
  readonly topic: string
  readonly event: string
  readonly payload: unknown
}

export interface Serializer {
  readonly encode: (message: Message) => string
  /** Throws for what is no message. */
  readonly decode: (text: string) => Message
}

/** What it writes has no `join_ref`, but what it reads may have. */
const v1: Serializer = {
  encode: ({ event, payload, ref, topic }) => JSON.stringify({ topic, event, payload, ref }),
  decode: (text) => {
    // Type boundary: looked at by `message`, key by key.
    const fields = JSON.parse(text) as { readonly [key: string]: unknown }
    for (const key of ["topic", "event", "payload", "ref"]) {
      if (!(key in fields)) throw new Error(`missing key ${key}`)
    }
    return message(
      fields["join_ref"],
      fields["ref"],
      fields["topic"],
      fields["event"],
      fields["payload"]
    )
  }
}

const v2: Serializer = {
  encode: ({ event, joinRef, payload, ref, topic }) =>
    JSON.stringify([joinRef, ref, topic, event, payload]),
  decode: (text) => {
    const fields: unknown = JSON.parse(text)
    if (!Array.isArray(fields) || fields.length < 5) throw new Error("not five elements")
    // Type boundary: any array is one of unknowns.
    const [joinRef, ref, topic, event, payload] = fields as ReadonlyArray<unknown>
    return message(joinRef, ref, topic, event, payload)
  }
}

const message = (
  joinRef: unknown,
  ref: unknown,
  topic: unknown,
  event: unknown,
  payload: unknown
): Message => {
  if (typeof topic !== "string" || typeof event !== "string")
    throw new Error("no topic or no event")
  return { joinRef: joinRef ?? null, ref, topic, event, payload }
}

/** Of the version that a client asks for, `~> 1.0.0` or `~> 2.0.0`. */
export const serializerOf = (version: string): Serializer | undefined =>
  /^1\.0\.\d+$/.test(version) ? v1 : /^2\.0\.\d+$/.test(version) ? v2 : undefined
