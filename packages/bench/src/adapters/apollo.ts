/** Apollo Client 4 over its GraphQLWsLink. */
import { ApolloClient, InMemoryCache, gql } from "@apollo/client"
import { GraphQLWsLink } from "@apollo/client/link/subscriptions"
import { type Adapter, type Client, slowly } from "../adapter.js"
import { type Data, document } from "../ticks.js"
import { connect } from "./graphqlWs.js"

const query = gql(document)

export const apollo: Adapter = {
  open: async (url, settings) => {
    const connection = connect(url, settings)
    const client = new ApolloClient({
      cache: new InMemoryCache(),
      link: new GraphQLWsLink(connection)
    })
    const subscribe: Client["subscribe"] = (variables, onTick, onEnd) => {
      const running = client
        // A log of events is no business of a cache.
        .subscribe<Data>({ query, variables: { ...variables }, fetchPolicy: "no-cache" })
        .subscribe({
          next: ({ data, error }) => {
            // Apollo has errors of the link beside the data, and then completes.
            if (error !== undefined) onEnd(error)
            // Type boundary: without an error there is data, all of it.
            else onTick((data as Data).tick)
          },
          error: onEnd,
          complete: () => onEnd()
        })
      return () => running.unsubscribe()
    }
    return {
      subscribe,
      subscribeSlowly: slowly(subscribe),
      close: async () => {
        client.stop()
        await connection.dispose()
      }
    }
  }
}
