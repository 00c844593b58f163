/** urql's core with nothing but its fetch exchange. */
import { Client, fetchExchange, gql } from "@urql/core"
import { type QueryAdapter, type QueryData, queryDocument } from "../queryAdapter.js"

const document = gql<QueryData>(queryDocument)

export const urql: QueryAdapter = {
  open: async (url) => {
    const client = new Client({ url, preferGetMethod: false, exchanges: [fetchExchange] })
    return {
      query: async (variables) => {
        const { data, error } = await client.query(document, variables).toPromise()
        if (data === undefined) throw error ?? new Error("there is neither data nor an error")
        return data.tick
      },
      close: async () => {}
    }
  }
}
