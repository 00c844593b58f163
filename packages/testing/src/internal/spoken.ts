/** The subprotocols that a server in memory speaks. */
import type { WireRequest } from "@fiberline/client/Wire"
import * as Absinthe from "@fiberline/core/Absinthe"
import * as ActionCable from "@fiberline/core/ActionCable"
import { appSync } from "@fiberline/core/AppSync"
import { graphqlTransportWs } from "@fiberline/core/GraphQLTransportWs"
import type { ServerMessage } from "@fiberline/core/Message"
import type { Subprotocol } from "@fiberline/core/Subprotocol"
import { subscriptionsTransportWs } from "@fiberline/core/SubscriptionsTransportWs"

const actionCable = ActionCable.make()
const absinthe = [Absinthe.make(), Absinthe.make({ serializer: "1.0.0" })]

/** Those that a client offers, by its preference. */
export const offered = ({ subprotocols, url }: WireRequest): ReadonlyArray<Subprotocol> => {
  // Two have the same name, and one has none.
  const hasCredentials = subprotocols.some((name) => name.startsWith("header-"))
  const known: ReadonlyArray<Subprotocol> = [
    graphqlTransportWs,
    hasCredentials ? appSync : subscriptionsTransportWs,
    actionCable
  ]
  const named = subprotocols.flatMap((name) => known.filter((one) => one.name === name))
  const version = new URL(url).searchParams.get("vsn")
  return [...named, ...absinthe.filter(({ parameters }) => parameters?.vsn === version)]
}

/** Whether a frame of the server's says that it acknowledges the connection. */
export const isAcknowledgement = (frame: string): boolean => acknowledgement.test(frame)

/** The last is what a reply to the join of a channel repeats of it. */
const acknowledgement = /"type":"(?:connection_ack|welcome)"|"join"/

/** A message that is well formed, and not to be sent when the client is, or is not, acknowledged. */
export const unexpected = (isAcknowledged: boolean): ServerMessage =>
  isAcknowledged ? { _tag: "ConnectionAck" } : { _tag: "Next", id: "1", payload: { data: null } }
