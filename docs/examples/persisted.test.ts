import { assert, describe, it } from "@effect/vitest"
import { GraphQLClient, Http, Operation } from "@fiberline/client"
import { TestHttpServer } from "@fiberline/testing"
import { Effect, Fiber, Layer } from "effect"
import { parse } from "graphql"

// #region automatic
const Automatic = Http.layer({
  url: "https://example.com/graphql",
  persistedQueries: true,
  method: "GET"
})
// #endregion

// #region documents
const Registered = Http.layer({
  url: "https://example.com/graphql",
  documentId: Operation.documentHash
})
// #endregion

// #region manifest
/** What the server was given when the program was built: each text, and what it is called there. */
const manifest: { readonly [text: string]: string } = {
  "query Now { temperature }":
    "sha256:7dba4bd717b41f10434822356a93c32b1fb4907b983e854300ad839f84cdcd6e"
}

const FromManifest = Http.layer({
  url: "https://example.com/graphql",
  documentId: (document) => (typeof document === "string" ? manifest[document] : undefined)
})
// #endregion

describe("a document that the server knows", () => {
  it.scoped("is learned by the server", () =>
    Effect.gen(function* () {
      const client = yield* GraphQLClient.GraphQLClient
      const server = yield* TestHttpServer.TestHttpServer
      const fiber = yield* Effect.fork(client.query("{ temperature }"))
      const first = yield* server.accept
      assert.strictEqual(first.method, "GET")
      yield* first.respond({ errors: [{ message: "PersistedQueryNotFound" }] })
      const second = yield* server.accept
      assert.include(second.body, "{ temperature }")
      yield* second.respond({ data: { temperature: 3 } })
      assert.deepStrictEqual(yield* Fiber.join(fiber), { temperature: 3 })
    }).pipe(Effect.provide(Layer.provideMerge(Automatic, TestHttpServer.layer)))
  )

  const cases = [
    [Registered, { ...parse("{ a }"), __meta__: { hash: "f1" } }, "f1"],
    [FromManifest, "query Now { temperature }", Object.values(manifest)[0]]
  ] as const
  for (const [client, document, documentId] of cases) {
    it.scoped(`is sent as ${documentId}`, () =>
      Effect.gen(function* () {
        const client = yield* GraphQLClient.GraphQLClient
        const server = yield* TestHttpServer.TestHttpServer
        const fiber = yield* Effect.fork(client.query(document))
        const request = yield* server.accept
        assert.deepStrictEqual(JSON.parse(request.body), { documentId })
        yield* request.respond({ data: {} })
        yield* Fiber.join(fiber)
      }).pipe(Effect.provide(Layer.provideMerge(client, TestHttpServer.layer)))
    )
  }
})
