import { assert, describe, it } from "@effect/vitest"
import * as Operation from "@fiberline/client/Operation"
import * as Upload from "@fiberline/client/Upload"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { chunksOf, formOf } from "./support/forms.js"
import { scenario } from "./support/httpScenario.js"
import { scenario as webSocketScenario } from "./support/scenario.js"

const mutation = "mutation ($file: Upload) { put(file: $file) }"
const done = { data: { put: true } }
const bytes = (text: string) => new TextEncoder().encode(text)
const streamOf = (...texts: ReadonlyArray<string>) => Stream.fromIterable(texts.map(bytes))

describe("a file among the variables", () => {
  it.effect("is sent in a form: the operation, where it belongs, the file", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const file = new File(["hello"], "hello.txt", { type: "text/plain" })
        const variables = { input: { files: [file, new Blob(["x"])] }, title: "t" }
        const fiber = yield* Effect.fork(client.mutate(mutation, { variables }))
        const request = yield* server.accept
        assert.strictEqual(request.method, "POST")
        assert.strictEqual(request.headers["apollo-require-preflight"], "true")
        assert.isUndefined(request.headers["content-type"], "the runtime knows the boundary")
        assert.deepStrictEqual(yield* formOf(request), {
          names: ["operations", "map", "0", "1"],
          operations: {
            query: mutation,
            variables: { input: { files: [null, null] }, title: "t" }
          },
          map: { 0: ["variables.input.files.0"], 1: ["variables.input.files.1"] },
          files: [
            { name: "hello.txt", type: "text/plain", text: "hello" },
            { name: "blob", type: "application/octet-stream", text: "x" }
          ]
        })
        yield* request.respond(done)
        assert.deepStrictEqual(yield* Fiber.join(fiber), done.data)
      })
    )
  )

  it.effect("at two places is sent once", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        for (const file of [new Blob(["x"]), Upload.make("x", { filename: "x" })]) {
          const fiber = yield* Effect.fork(
            client.mutate(mutation, { variables: { a: file, b: file } })
          )
          const request = yield* server.accept
          const { files, map } = yield* formOf(request)
          assert.deepStrictEqual(map, { 0: ["variables.a", "variables.b"] })
          assert.lengthOf(files, 1)
          yield* request.respond(done)
          yield* Fiber.join(fiber)
        }
      })
    )
  )

  it.effect("may be bytes, a text, a blob or a stream, and is called what it is said to be", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const file = Upload.make(new Blob(["blob"], { type: "image/png" }), { filename: "a" })
        const variables = {
          text: Upload.make("text", { filename: "t" }),
          bytes: Upload.make(bytes("bytes"), { filename: "b", contentType: "image/gif" }),
          blob: file,
          other: Upload.make(new Blob(["o"]), { filename: "o", contentType: "image/webp" })
        }
        const expected = [
          { name: "t", type: "text/plain", text: "text" },
          { name: "b", type: "image/gif", text: "bytes" },
          { name: "a", type: "image/png", text: "blob" },
          { name: "o", type: "image/webp", text: "o" }
        ]
        // The same, whoever writes the form.
        const stream = Upload.make(streamOf("st", "ream"), { filename: 'a "q"\r\n.txt' })
        for (const more of [{}, { stream }]) {
          const isStreamed = "stream" in more
          const fiber = yield* Effect.fork(
            client.mutate(mutation, { variables: { ...variables, ...more } })
          )
          const request = yield* server.accept
          assert.strictEqual(request.request.body._tag, isStreamed ? "Stream" : "FormData")
          const form = yield* formOf(request)
          assert.deepStrictEqual(form.files.slice(0, 4), expected)
          if (isStreamed) {
            const [streamed] = form.files.slice(4)
            assert.strictEqual(streamed!.text, "stream")
            assert.strictEqual(streamed!.type, "application/octet-stream")
            assert.match(streamed!.name, /^a "q"/)
          }
          yield* request.respond(done)
          yield* Fiber.join(fiber)
        }
      })
    )
  )

  it.effect("is left alone by Schemas", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const operation = Operation.mutation(mutation, {
          data: Schema.Unknown,
          variables: Schema.Struct({ file: Upload.Upload, at: Schema.Date })
        })
        const file = Upload.make("x", { filename: "x" })
        const fiber = yield* Effect.fork(
          client.mutate(operation, { variables: { file, at: new Date(0) } })
        )
        const request = yield* server.accept
        const { files, operations } = yield* formOf(request)
        assert.deepStrictEqual(operations, {
          query: mutation,
          variables: { file: null, at: "1970-01-01T00:00:00.000Z" }
        })
        assert.lengthOf(files, 1)
        yield* request.respond(done)
        yield* Fiber.join(fiber)
        const wrong = client.mutate(operation, { variables: { file: {} as never, at: new Date() } })
        assert.strictEqual((yield* Effect.flip(wrong))._tag, "EncodeError")
      })
    )
  )

  it.effect("has a query be a POST, alone, and in full", () =>
    scenario({ method: "GET", batch: {}, persistedQueries: true }, ({ client, server }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(
          client.query("query ($file: Upload) { f }", { variables: { file: new Blob([]) } })
        )
        const request = yield* server.accept
        assert.strictEqual(request.method, "POST")
        const { operations } = yield* formOf(request)
        assert.deepStrictEqual(operations, {
          query: "query ($file: Upload) { f }",
          variables: { file: null }
        })
        yield* request.respond(done)
        yield* Fiber.join(fiber)
      })
    )
  )

  it.effect("cannot be sent over a WebSocket, nor by Server-Sent Events", () =>
    Effect.gen(function* () {
      for (const file of [new Blob(["x"]), Upload.make("x", { filename: "x" })]) {
        yield* webSocketScenario({}, ({ client, server }) =>
          Effect.gen(function* () {
            const error = yield* Effect.flip(client.mutate(mutation, { variables: { file } }))
            assert(error._tag === "EncodeError")
            assert.match(error.message, /over HTTP/)
            assert.strictEqual(yield* server.attempts, 0)
          })
        )
        yield* scenario({}, ({ client, server }) =>
          Effect.gen(function* () {
            const subscribe = client.subscribe("subscription { n }", { variables: { file } })
            const error = yield* Effect.flip(Stream.runDrain(subscribe))
            assert.strictEqual(error._tag, "EncodeError")
            assert.strictEqual(yield* server.requests, 0)
          })
        )
      }
    })
  )
})

describe("a streamed upload", () => {
  it.effect("says how long it is, where that is known", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        for (const size of [6, undefined]) {
          const file = Upload.make(streamOf("st", "ream"), { filename: "ä.txt", size })
          const other = Upload.make(new Blob(["blob"]), { filename: "b" })
          const fiber = yield* Effect.fork(client.mutate(mutation, { variables: { file, other } }))
          const request = yield* server.accept
          const { body } = request.request
          const chunks = yield* Stream.runCollect(chunksOf(request))
          const length = Chunk.reduce(chunks, 0, (sum, { byteLength }) => sum + byteLength)
          assert.strictEqual(body.contentLength, size && length)
          yield* request.respond(done)
          yield* Fiber.join(fiber)
        }
      })
    )
  )

  it.effect("is read no faster than it is taken, and tells of what was", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        let read = 0
        const told: Array<readonly [number, number | undefined]> = []
        const content = Stream.mapEffect(Stream.range(1, 100, 1), () =>
          Effect.sync(() => {
            read++
            return bytes("0123456789")
          })
        )
        const file = Upload.make(content, {
          filename: "f",
          size: 1000,
          onProgress: (sent, total) => Effect.sync(() => void told.push([sent, total]))
        })
        const fiber = yield* Effect.fork(client.mutate(mutation, { variables: { file } }))
        const request = yield* server.accept
        yield* TestClock.adjust("1 seconds")
        assert.isAtMost(read, 1)
        const taken = yield* Stream.runDrain(Stream.take(chunksOf(request), 2 + 3))
        assert.isUndefined(taken)
        yield* TestClock.adjust("1 seconds")
        assert.isAtMost(read, 4)
        assert.deepStrictEqual(told, [
          [10, 1000],
          [20, 1000],
          [30, 1000]
        ])
        yield* Stream.runDrain(chunksOf(request))
        assert.deepStrictEqual(told.at(-1), [1000, 1000])
        assert.lengthOf(told, 100)
        yield* request.respond(done)
        yield* Fiber.join(fiber)
      })
    )
  )

  it.effect("tells of a blob's progress too", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const told: Array<readonly [number, number | undefined]> = []
        const file = Upload.make("0123456789", {
          filename: "f",
          onProgress: (sent, total) => Effect.sync(() => void told.push([sent, total]))
        })
        const fiber = yield* Effect.fork(client.mutate(mutation, { variables: { file } }))
        const request = yield* server.accept
        assert.strictEqual((yield* formOf(request)).files[0]?.text, "0123456789")
        assert.deepStrictEqual(told, [[10, 10]])
        yield* request.respond(done)
        yield* Fiber.join(fiber)
      })
    )
  )

  it.effect("that fails, fails the operation with its cause, and is not tried again", () =>
    scenario({ reconnect: Schedule.recurs(3) }, ({ client, server }) =>
      Effect.gen(function* () {
        const cause = new Error("the disk is gone")
        const file = Upload.make(Stream.concat(streamOf("x"), Stream.fail(cause)), {
          filename: "f",
          replayable: true
        })
        const fiber = yield* Effect.fork(
          client.mutate(mutation, { variables: { file }, idempotent: true })
        )
        const request = yield* server.accept
        const reading = yield* Effect.fork(Stream.runDrain(chunksOf(request)))
        const error = yield* Effect.flip(Fiber.join(fiber))
        assert(error._tag === "NetworkError")
        assert.strictEqual(error.reason._tag, "UploadFailed")
        assert.strictEqual(error.cause, cause)
        assert.isTrue(error.sent)
        yield* request.aborted
        // A server must not take what came for all there is.
        const exit = yield* Fiber.await(reading)
        assert.strictEqual(exit._tag, "Failure")
        assert.strictEqual(yield* server.requests, 1)
      })
    )
  )

  for (const size of [4, 6]) {
    it.effect(`that has not the bytes it should have (${size} for 5), fails`, () =>
      scenario({}, ({ client, server }) =>
        Effect.gen(function* () {
          const file = Upload.make(streamOf("12", "345"), { filename: "f", size })
          const fiber = yield* Effect.fork(client.mutate(mutation, { variables: { file } }))
          const request = yield* server.accept
          yield* Effect.fork(Stream.runDrain(chunksOf(request)))
          const error = yield* Effect.flip(Fiber.join(fiber))
          assert(error._tag === "NetworkError")
          assert.strictEqual(error.reason._tag, "UploadFailed")
        })
      )
    )
  }

  it.effect("is let go of when the operation ends before it was read", () =>
    scenario({}, ({ client, server }) =>
      Effect.gen(function* () {
        const released = yield* Deferred.make<void>()
        const content = Stream.concat(streamOf("x"), Stream.execute(Effect.sleep("1 hour"))).pipe(
          Stream.ensuring(Deferred.succeed(released, undefined))
        )
        const file = Upload.make(content, { filename: "f" })

        const answered = yield* Effect.fork(client.mutate(mutation, { variables: { file } }))
        const request = yield* server.accept
        yield* Effect.fork(Stream.runDrain(chunksOf(request)))
        yield* TestClock.adjust("1 seconds")
        yield* request.respond({ errors: [{ message: "too large" }] }, { status: 413 })
        assert.strictEqual((yield* Effect.flip(Fiber.join(answered)))._tag, "OperationError")
        yield* Deferred.await(released)

        const late = yield* Effect.fork(
          client.mutate(mutation, { variables: { file }, timeout: "1 seconds" })
        )
        const other = yield* server.accept
        yield* TestClock.adjust("1 seconds")
        const error = yield* Effect.flip(Fiber.join(late))
        assert(error._tag === "NetworkError")
        assert.strictEqual(error.reason._tag, "OperationTimeout")
        yield* other.aborted
      })
    )
  )

  it.effect("is run anew for another attempt, if it can be", () =>
    scenario({ reconnect: Schedule.recurs(3) }, ({ client, server }) =>
      Effect.gen(function* () {
        const file = Upload.make(streamOf("st", "ream"), { filename: "f", replayable: true })
        const blob = new Blob(["blob"])
        for (const variables of [{ file, blob }, { blob }]) {
          const fiber = yield* Effect.fork(client.mutate(mutation, { variables }))
          const first = yield* server.accept
          const form = yield* formOf(first)
          yield* first.respond("", { status: 401 })
          const second = yield* server.accept
          assert.deepStrictEqual(yield* formOf(second), form)
          yield* second.respond(done)
          yield* Fiber.join(fiber)
        }
      })
    )
  )

  it.effect("that nobody has read is run by the next attempt", () =>
    scenario({ reconnect: Schedule.recurs(3) }, ({ client, server }) =>
      Effect.gen(function* () {
        const file = Upload.make(streamOf("st", "ream"), { filename: "f" })
        const fiber = yield* Effect.fork(client.mutate(mutation, { variables: { file } }))
        const refused = yield* server.accept
        // What a runtime holds before it has a connection.
        yield* Stream.runDrain(Stream.take(chunksOf(refused), 1))
        yield* refused.fail(Object.assign(new Error("connect"), { code: "ECONNREFUSED" }))
        const request = yield* server.accept
        assert.strictEqual((yield* formOf(request)).files[0]!.text, "stream")
        yield* request.respond(done)
        yield* Fiber.join(fiber)
      })
    )
  )

  it.effect("is not, if it was not said that it can be", () =>
    scenario({ reconnect: Schedule.recurs(3) }, ({ client, server }) =>
      Effect.gen(function* () {
        const file = Upload.make(streamOf("st", "ream"), { filename: "f" })
        const fiber = yield* Effect.fork(
          client.mutate(mutation, { variables: { file }, idempotent: true })
        )
        const request = yield* server.accept
        yield* formOf(request)
        yield* request.respond("", { status: 401 })
        const error = yield* Effect.flip(Fiber.join(fiber))
        assert(error._tag === "NetworkError")
        assert.strictEqual(error.reason._tag, "RequestRejected")
        yield* TestClock.adjust("1 minute")
        assert.strictEqual(yield* server.requests, 1)
      })
    )
  )
})
