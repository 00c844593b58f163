/** Apollo Client 4 over its HttpLink. */
import { ApolloClient, gql, HttpLink, InMemoryCache } from "@apollo/client"
import { type QueryAdapter, type QueryData, queryDocument } from "../queryAdapter.js"

const document = gql(queryDocument)

export const apollo: QueryAdapter = {
  open: async (url) => {
    const client = new ApolloClient({
      cache: new InMemoryCache(),
      link: new HttpLink({ uri: url })
    })
    return {
      query: async (variables) => {
        const { data } = await client.query<QueryData>({
          query: document,
          variables,
          fetchPolicy: "no-cache"
        })
        if (data === undefined) throw new Error("there is no data")
        return data.tick
      },
      close: async () => client.stop()
    }
  }
}
