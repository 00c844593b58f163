/** The `HttpClient` of @effect/platform alone, which is what Fiberline stands on. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import { type QueryAdapter, type QueryData, queryDocument } from "../queryAdapter.js"

export const platform: QueryAdapter = {
  open: async (url) => {
    const client = await Effect.runPromise(
      Effect.provide(HttpClient.HttpClient, FetchHttpClient.layer)
    )
    return {
      query: (variables) =>
        HttpClientRequest.post(url).pipe(
          HttpClientRequest.bodyUnsafeJson({ query: queryDocument, variables }),
          client.execute,
          Effect.flatMap((response) => response.json),
          // Type boundary: every answer holds what the document asks for.
          Effect.map((body) => (body as { readonly data: QueryData }).data.tick),
          Effect.runPromise
        ),
      close: async () => {}
    }
  }
}
