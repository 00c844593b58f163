import { assert, describe, it } from "@effect/vitest"
import { GraphQLClient, Http, NetworkError, Operation, Upload } from "@fiberline/client"
import { TestHttpServer } from "@fiberline/testing"
import { Console, Effect, Fiber, Layer, Schema, Stream } from "effect"

// #region blob
const setPicture = (file: File) =>
  Effect.flatMap(GraphQLClient.GraphQLClient, (client) =>
    client.mutate("mutation ($file: Upload!) { setPicture(file: $file) }", { variables: { file } })
  )
// #endregion

// #region stream
const Archive = Operation.mutation("mutation ($log: Upload!) { archive(log: $log) }", {
  variables: Schema.Struct({ log: Upload.Upload }),
  data: Schema.Struct({ archive: Schema.String })
})

const archive = (lines: Stream.Stream<string>) =>
  Effect.flatMap(GraphQLClient.GraphQLClient, (client) =>
    client.mutate(Archive, {
      variables: {
        log: Upload.make(Stream.encodeText(lines), {
          filename: "station.log",
          contentType: "text/plain",
          onProgress: (sent) => Effect.logDebug(`${sent} bytes`)
        })
      }
    })
  )
// #endregion

// #region failed
const archiveWhatIsThere = (lines: Stream.Stream<string>) =>
  archive(lines).pipe(
    NetworkError.catchReason("UploadFailed", ({ cause }) =>
      Effect.as(Console.warn("the log cannot be read", cause), undefined)
    )
  )
// #endregion

const Client = Http.layer({ url: "https://example.com/graphql" })

describe("an upload", () => {
  it.scoped("is a file among the variables", () =>
    Effect.gen(function* () {
      const server = yield* TestHttpServer.TestHttpServer
      const fiber = yield* Effect.fork(setPicture(new File(["…"], "me.png")))
      const request = yield* server.accept
      const { body } = request.request
      assert(body._tag === "FormData")
      assert.deepStrictEqual(Array.from(body.formData.keys()), ["operations", "map", "0"])
      yield* request.respond({ data: { setPicture: true } })
      assert.deepStrictEqual(yield* Fiber.join(fiber), { setPicture: true })
    }).pipe(Effect.provide(Layer.provideMerge(Client, TestHttpServer.layer)))
  )

  it.scoped("is a stream", () =>
    Effect.gen(function* () {
      const server = yield* TestHttpServer.TestHttpServer
      const fiber = yield* Effect.fork(archiveWhatIsThere(Stream.make("a\n", "b\n")))
      const request = yield* server.accept
      const { body } = request.request
      assert(body._tag === "Stream")
      const text = yield* Stream.mkString(Stream.decodeText(body.stream))
      assert.include(text, "a\nb\n")
      yield* request.respond({ data: { archive: "done" } })
      assert.deepStrictEqual(yield* Fiber.join(fiber), { archive: "done" })
    }).pipe(Effect.provide(Layer.provideMerge(Client, TestHttpServer.layer)))
  )
})
