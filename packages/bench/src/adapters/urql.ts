/** urql's core with its subscription exchange, over graphql-ws as its documentation has it. */
import { Client as UrqlClient, gql, subscriptionExchange } from "@urql/core"
import type { Sink } from "graphql-ws"
import { onEnd as whenEnded, pipe, subscribe as run } from "wonka"
import { type Adapter, type Client, slowly } from "../adapter.js"
import { type Data, document } from "../ticks.js"
import { connect } from "./graphqlWs.js"

const query = gql(document)

export const urql: Adapter = {
  open: async (url, settings) => {
    const connection = connect(url, settings)
    const client = new UrqlClient({
      url: url.replace(/^ws/, "http"),
      preferGetMethod: false,
      exchanges: [
        subscriptionExchange({
          forwardSubscription: ({ query = "", variables }) => ({
            subscribe: (sink) => ({
              // Type boundary: of one result, they differ in whether absent fields may be undefined.
              unsubscribe: connection.subscribe(
                { query, ...(variables && { variables }) },
                sink as Sink
              )
            })
          })
        })
      ]
    })
    const subscribe: Client["subscribe"] = (variables, onTick, onEnd) => {
      let error: unknown = undefined
      const running = pipe(
        client.subscription<Data>(query, { ...variables }),
        whenEnded(() => onEnd(error)),
        run((result) => {
          // At the end the last result comes once more, to say that no other will.
          if (result.data && result.hasNext) onTick(result.data.tick)
          else if (result.error) error = result.error
        })
      )
      return () => running.unsubscribe()
    }
    return {
      subscribe,
      subscribeSlowly: slowly(subscribe),
      close: async () => {
        await connection.dispose()
      }
    }
  }
}
