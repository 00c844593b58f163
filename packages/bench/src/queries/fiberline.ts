/** Fiberline over the platform's `fetch`, a fiber for each query. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Http from "@fiberline/client/Http"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { type QueryAdapter, type QueryData, queryDocument } from "../queryAdapter.js"

export const fiberline: QueryAdapter = {
  open: async (url) => {
    const scope = Effect.runSync(Scope.make())
    const client = await Effect.runPromise(
      Http.make({ url }).pipe(Effect.provide(FetchHttpClient.layer), Scope.extend(scope))
    )
    return {
      query: (variables) =>
        Effect.runPromise(
          // Type boundary: every answer holds what the document asks for.
          Effect.map(client.query(queryDocument, { variables }), (data) => (data as QueryData).tick)
        ),
      close: () => Effect.runPromise(Scope.close(scope, Exit.void))
    }
  }
}
