/**
 * GraphQL over Phoenix's channels, as Absinthe's servers speak it.
 *
 * A connection joins one topic, and asks everything there; a query is answered by the reply, a subscription
 * by a topic of its own on which its results are published. The URL is the whole of it, with the transport
 * (`/socket/websocket`).
 *
 * Absinthe ends no subscription by itself: one ends when it is left, or with its connection.
 *
 * Source: absinthe_phoenix, `Absinthe.Phoenix.Channel`; Phoenix, `Phoenix.Socket` and its serializers.
 *
 * @since 0.1.0
 */
import { AbsintheClient } from "./internal/absintheClient.js"
import { AbsintheServer } from "./internal/absintheServer.js"
import { doc, joinRef, refOf } from "./internal/absinthe.js"
import { requestOf } from "./internal/messages.js"
import { v1, v2 } from "./internal/phoenix.js"
import type { Subprotocol } from "./Subprotocol.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface AbsintheOptions {
  /** How messages are written: `vsn` in the URL. Default `2.0.0`; `1.0.0` is for Phoenix before 1.3. */
  readonly serializer?: "1.0.0" | "2.0.0" | undefined
  /** The topic that is joined; default `__absinthe__:control`. */
  readonly topic?: string | undefined
}

/**
 * The subprotocol of Absinthe. It has no name: nothing is offered, and the server chooses nothing.
 *
 * The payload of `ConnectionInit` is that of the join. What `connect/3` of a Phoenix socket looks at are
 * parameters of the URL.
 *
 * @since 0.1.0
 * @category subprotocols
 */
export const make = ({
  serializer: version = "2.0.0",
  topic = "__absinthe__:control"
}: AbsintheOptions = {}): Subprotocol => {
  const serializer = version === "1.0.0" ? v1 : v2
  const write: Subprotocol["write"] = ({ id, payload }) =>
    serializer.encode({ joinRef, ref: refOf(id), topic, event: doc, payload: requestOf(payload) })
  return {
    name: "",
    lacks: new Set(["KeepAlive", "ServerComplete"]),
    parameters: { vsn: serializer.version },
    // Phoenix drops a client that has sent nothing for 60 seconds.
    expectsPings: true,
    write,
    connect: (port) => new AbsintheClient(serializer, topic, write, port),
    accept: (port) => new AbsintheServer(serializer, topic, port)
  }
}
