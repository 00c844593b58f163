/** The subprotocols that a server in memory speaks, by the names under which they are offered. */
import { graphqlTransportWs } from "@fiberline/core/GraphQLTransportWs"
import type { Subprotocol } from "@fiberline/core/Subprotocol"
import { subscriptionsTransportWs } from "@fiberline/core/SubscriptionsTransportWs"

export const spoken: ReadonlyMap<string, Subprotocol> = new Map(
  [graphqlTransportWs, subscriptionsTransportWs].map((subprotocol) => [
    subprotocol.name,
    subprotocol
  ])
)

/** A frame that is well formed, and not to be sent when the client is, or is not, acknowledged. */
export const unexpected = ({ server }: Subprotocol, isAcknowledged: boolean): string =>
  isAcknowledged
    ? server.encode({ _tag: "ConnectionAck" })
    : server.encode({ _tag: "Next", id: "1", payload: { data: null } })
