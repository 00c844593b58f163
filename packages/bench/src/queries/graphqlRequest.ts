/** graphql-request. */
import { GraphQLClient } from "graphql-request"
import { type QueryAdapter, type QueryData, queryDocument } from "../queryAdapter.js"

export const graphqlRequest: QueryAdapter = {
  open: async (url) => {
    const client = new GraphQLClient(url)
    return {
      query: async (variables) => (await client.request<QueryData>(queryDocument, variables)).tick,
      close: async () => {}
    }
  }
}
