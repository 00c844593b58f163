/** subscriptions-transport-ws on ws. */
import { execute, subscribe } from "graphql"
import { SubscriptionServer } from "subscriptions-transport-ws"
import { schema } from "../schema.js"
import { httpServer, isPayloadAuthorized, listen, path, type Start } from "./server.js"

export const start: Start = async (port, options) => {
  const server = httpServer()
  // What it makes of `false` is a refusal.
  SubscriptionServer.create(
    {
      schema,
      execute,
      subscribe,
      onConnect: (payload: unknown) => isPayloadAuthorized(options, payload)
    },
    { server, path }
  )
  await listen(server, port)
}
