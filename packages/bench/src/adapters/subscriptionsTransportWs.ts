/** subscriptions-transport-ws, abandoned and still common, with the subprotocol that only it speaks. */
import { SubscriptionClient } from "subscriptions-transport-ws"
import { WebSocket } from "ws"
import { type Adapter, type Client, slowly } from "../adapter.js"
import { document } from "../ticks.js"
import { tickOf } from "./graphqlWs.js"

export const subscriptionsTransportWs: Adapter = {
  open: (url) =>
    new Promise((resolve) => {
      const client = new SubscriptionClient(url, {}, WebSocket)
      const subscribe: Client["subscribe"] = (variables, onTick, onEnd) => {
        const running = client.request({ query: document, variables }).subscribe({
          next: (result) => onTick(tickOf(result)),
          error: onEnd,
          complete: () => onEnd()
        })
        return () => running.unsubscribe()
      }
      client.onConnected(() =>
        resolve({
          subscribe,
          subscribeSlowly: slowly(subscribe),
          close: async () => client.close()
        })
      )
    })
}
