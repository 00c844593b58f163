/** The subprotocols that faults are tried with. A server speaks each at the path that bears its name. */
import * as Absinthe from "@fiberline/core/Absinthe"
import * as ActionCable from "@fiberline/core/ActionCable"
import { appSync } from "@fiberline/core/AppSync"
import { graphqlTransportWs } from "@fiberline/core/GraphQLTransportWs"
import type { Subprotocol } from "@fiberline/core/Subprotocol"
import { subscriptionsTransportWs } from "@fiberline/core/SubscriptionsTransportWs"
import * as Schema from "effect/Schema"

export const Name = Schema.Literal("usual", "legacy", "Absinthe", "ActionCable", "AppSync")
export type Name = typeof Name.Type

export const subprotocols: { readonly [_ in Name]: Subprotocol } = {
  usual: graphqlTransportWs,
  legacy: subscriptionsTransportWs,
  Absinthe: Absinthe.make(),
  ActionCable: ActionCable.make(),
  AppSync: appSync
}

export const others = Name.literals.filter((name) => name !== "usual")

/** Whether a subscription is confirmed, and fails by itself where that does not come. */
export const confirms = (name: Name): boolean => !subprotocols[name].lacks.has("Established")
