/** Requests by `fetch`, to a server of Node's. */
import { assert, describe, it } from "@effect/vitest"
import * as Upload from "@fiberline/client/Upload"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import { setImmediate } from "node:timers/promises"
import { readForm, type ReadForm } from "./support/forms.js"
import { bodyOf, listen, respond, textOf, urlOf, withServer } from "./support/httpServer.js"

interface Request {
  readonly query?: string
  readonly extensions?: { readonly persistedQuery?: { readonly sha256Hash: string } }
}

const mutation = "mutation ($file: Upload) { put(file: $file) }"

describe("requests over fetch", () => {
  it.scopedLive("persisted queries are learned, then known", () =>
    Effect.gen(function* () {
      const known = new Map<string, string>()
      const log: Array<string> = []
      const client = yield* withServer(
        async (request, response) => {
          const url = new URL(request.url ?? "", "http://server")
          const { extensions, query }: Request =
            request.method === "GET"
              ? { extensions: JSON.parse(url.searchParams.get("extensions") ?? "{}") }
              : JSON.parse(await textOf(request))
          const hash = extensions?.persistedQuery?.sha256Hash ?? ""
          if (query !== undefined && createHash("sha256").update(query).digest("hex") === hash) {
            known.set(hash, query)
          }
          const text = known.get(hash)
          log.push(`${request.method} ${text ?? "?"}`)
          if (text === undefined) {
            respond(response, { errors: [{ message: "PersistedQueryNotFound" }] }, 400)
          } else respond(response, { data: { text } })
        },
        { persistedQueries: true, method: "GET" }
      )
      for (const query of ["{ ä }", "{ ä }", "{ b }"]) {
        assert.deepStrictEqual(yield* client.query(query), { text: query })
      }
      assert.deepStrictEqual(log, ["GET ?", "POST { ä }", "GET { ä }", "GET ?", "POST { b }"])
    })
  )

  it.scopedLive("a batch is one request", () =>
    Effect.gen(function* () {
      let requests = 0
      const client = yield* withServer(
        async (request, response) => {
          requests++
          const body = JSON.parse(await textOf(request)) as ReadonlyArray<Request>
          const results = body.map(({ query }) => ({ data: { query } }))
          response.writeHead(200, { "content-type": "application/json" })
          response.end(JSON.stringify(results))
        },
        { batch: { size: 3, interval: "1 minute" } }
      )
      const queries = ["{ a }", "{ b }", "{ c }"]
      const results = yield* Effect.forEach(queries, (query) => client.query(query), {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual(
        results,
        queries.map((query) => ({ query }))
      )
      assert.strictEqual(requests, 1)
    })
  )
})

describe("uploads over fetch", () => {
  /** A client whose server answers every form with what it read of it. */
  const mirror = withServer(async (request, response) => {
    const form = await readForm(await bodyOf(request), request.headers["content-type"])
    respond(response, { data: form })
  })

  it.scopedLive("blobs arrive", () =>
    Effect.gen(function* () {
      const client = yield* mirror
      const file = new File(["hello"], "ä.txt", { type: "text/css" })
      const form = yield* client.mutate(mutation, { variables: { file } })
      assert.deepStrictEqual(form, {
        names: ["operations", "map", "0"],
        operations: { query: mutation, variables: { file: null } },
        map: { 0: ["variables.file"] },
        files: [{ name: "ä.txt", type: "text/css", text: "hello" }]
      })
    })
  )

  it.scopedLive("streams arrive, their progress told", () =>
    Effect.gen(function* () {
      const client = yield* mirror
      const chunk = new TextEncoder().encode("0123456789".repeat(10_000))
      let told = 0
      const file = Upload.make(Stream.take(Stream.repeatValue(chunk), 20), {
        filename: "ä.txt",
        onProgress: (sent) => Effect.sync(() => (told = sent))
      })
      const form = (yield* client.mutate(mutation, { variables: { file } })) as ReadForm
      assert.strictEqual(form.files[0]!.name, "ä.txt")
      assert.strictEqual(form.files[0]!.text.length, 2_000_000)
      assert.strictEqual(told, 2_000_000)
    })
  )

  it.scopedLive("a server that does not read holds the stream back", () =>
    Effect.gen(function* () {
      let begun: () => void = () => {}
      const reached = new Promise<void>((resolve) => (begun = resolve))
      // Never reads what comes.
      const client = yield* withServer(() => begun())
      let sent = 0
      const endless = Upload.make(Stream.repeatValue(new Uint8Array(65536)), {
        filename: "f",
        onProgress: (count) => Effect.sync(() => void (sent = count))
      })
      const fiber = yield* Effect.fork(client.mutate(mutation, { variables: { file: endless } }))
      yield* Effect.promise(() => reached)
      // Until nothing moves any more: every buffer on the way is full.
      yield* Effect.promise(async () => {
        for (let still = 0, before = -1; still < 1000; before = sent) {
          still = sent === before ? still + 1 : 0
          await setImmediate()
        }
      })
      assert.isBelow(sent, 64 * 1024 * 1024)
      assert.isNull(fiber.unsafePoll())
    })
  )

  it.scopedLive("a stream that fails breaks the request off", () =>
    Effect.gen(function* () {
      let outcome: (outcome: string) => void = () => {}
      const read = new Promise<string>((resolve) => (outcome = resolve))
      const client = yield* withServer((request) => {
        bodyOf(request).then(
          () => outcome("whole"),
          () => outcome("broken off")
        )
      })
      const cause = new Error("the disk is gone")
      const file = Upload.make(
        Stream.concat(
          Stream.take(Stream.repeatValue(new Uint8Array(1024)), 200),
          Stream.fail(cause)
        ),
        { filename: "f" }
      )
      const error = yield* Effect.flip(client.mutate(mutation, { variables: { file } }))
      assert(error._tag === "NetworkError")
      assert.strictEqual(error.reason._tag, "UploadFailed")
      assert.strictEqual(error.cause, cause)
      assert.strictEqual(yield* Effect.promise(() => read), "broken off")
    })
  )

  it.scopedLive("where nobody is there, the stream is let go of", () =>
    Effect.gen(function* () {
      const url = yield* Effect.scoped(
        Effect.map(
          listen(() => {}),
          urlOf
        )
      )
      let isOpen = false
      const content = Stream.repeatValue(new Uint8Array(1024)).pipe(
        Stream.onStart(Effect.sync(() => (isOpen = true))),
        Stream.ensuring(Effect.sync(() => (isOpen = false)))
      )
      const client = yield* withServer(() => {}, { url })
      const file = Upload.make(content, { filename: "f" })
      const error = yield* Effect.flip(client.mutate(mutation, { variables: { file } }))
      assert(error._tag === "NetworkError")
      assert.strictEqual(error.reason._tag, "ConnectFailed")
      assert.isFalse(error.sent)
      assert.isFalse(isOpen)
    })
  )
})
