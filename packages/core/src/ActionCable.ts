/**
 * GraphQL over Rails' ActionCable, as servers of graphql-ruby speak it.
 *
 * Each operation subscribes to the GraphQL channel under an identifier of its own, executes there once that is
 * confirmed, and leaves the channel when it is over.
 *
 * Source: Rails, `ActionCable::Connection` and `ActionCable::Channel`; graphql-ruby,
 * `GraphQL::Subscriptions::ActionCableSubscriptions` and the channel that its guide has.
 *
 * @since 0.1.0
 */
import { ActionCableClient } from "./internal/actionCableClient.js"
import { ActionCableServer } from "./internal/actionCableServer.js"
import type { Subprotocol } from "./Subprotocol.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface ActionCableOptions {
  /** The channel's class; default `GraphqlChannel`. */
  readonly channel?: string | undefined
  /** The channel's method that executes; default `execute`. */
  readonly action?: string | undefined
}

/**
 * The subprotocol of ActionCable, `actioncable-v1-json`.
 *
 * It has no message to begin with: the payload of `ConnectionInit` becomes part of the identifier under which
 * each operation subscribes, where the channel finds it as `params`. What the connection itself looks at are
 * headers and parameters of the URL. A document that the server knows goes as `operationId`.
 *
 * @since 0.1.0
 * @category subprotocols
 */
export const make = ({
  action = "execute",
  channel = "GraphqlChannel"
}: ActionCableOptions = {}): Subprotocol => {
  const write: Subprotocol["write"] = ({ payload: { documentId, query, ...request } }) =>
    JSON.stringify({
      action,
      ...(documentId === undefined ? { query } : { operationId: documentId }),
      ...request
    })
  return {
    name: "actioncable-v1-json",
    lacks: new Set(["Ping", "Pong", "ConnectionTerminate"]),
    write,
    connect: (port) => new ActionCableClient(write, channel, port),
    accept: (port) => new ActionCableServer(channel, port)
  }
}
