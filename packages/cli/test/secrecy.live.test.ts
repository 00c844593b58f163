/** What is shown of what was said in confidence, and of what a server sends: nothing, and harmless. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Server from "../src/demo/server.js"
import { capture, captureIn } from "./support/capture.js"
import { acknowledging, echo } from "./support/endpoints.js"
import { yoga } from "./support/yoga.js"

const local = Server.make

describe("fiberline", () => {
  it.scopedLive("sends headers and payload, and prints neither, whoever says them", () =>
    Effect.gen(function* () {
      const token = "hunter22"
      const env = { TOKEN: token }
      const secrets = [
        ...["--header", "authorization: Bearer ${TOKEN}"],
        ...["--payload", '{"token":"${TOKEN}-payload"}']
      ]
      const watch = (url: string, field: string) =>
        captureIn({ env }, "subscribe", url, `subscription { ${field} }`, ...secrets)
      const { url } = yield* echo
      const data = yield* watch(url, "echo")
      assert.strictEqual(data.exitCode, 0)
      assert.deepStrictEqual(data.out, ['{"data":{"echo":["<redacted>","<redacted>"]}}'])
      assert.notInclude(data.err.join(), "can be seen")
      const refused = yield* watch(url, "refuse")
      assert.strictEqual(refused.exitCode, 1)
      assert.include(refused.err.join(), "no access with <redacted> and <redacted>")

      const closing = yield* acknowledging((socket) => socket.close(4403, `not with ${token}`))
      const closed = yield* watch(closing.url, "a")
      assert.strictEqual(closed.exitCode, 3)

      const quoting = yield* acknowledging((socket) => socket.send(`nonsense ${token}`))
      const quoted = yield* watch(quoting.url, "a")
      assert.strictEqual(quoted.exitCode, 4)

      const all = [data, refused, closed, quoted].flatMap(({ err, out }) => [...out, ...err])
      assert.notInclude(all.join("\n"), token)
    })
  )

  it.scopedLive("says what is sent and received where that is wanted, without its secrets", () =>
    Effect.gen(function* () {
      const { url } = yield* echo
      const { err } = yield* captureIn(
        { env: { TOKEN: "hunter22" } },
        ...["subscribe", url, "subscription { echo }", "--verbose", "--retry", "none"],
        ...["-H", "authorization: ${TOKEN}", "--payload", '{"token":"${TOKEN}"}']
      )
      const frames = err.filter((line) => /^· [→←]/.test(line))
      assert.deepStrictEqual(
        frames.map((line) => line.replace(/"id":"[^"]*"/, '"id":"…"')),
        [
          "· → upgrade, offering graphql-ws, graphql-transport-ws",
          "· ← open, graphql-transport-ws",
          '· → {"type":"connection_init","payload":{"token":"<redacted>"}}',
          '· ← {"type":"connection_ack"}',
          '· → {"type":"subscribe","id":"…","payload":{"query":"subscription { echo }"}}',
          '· ← {"id":"…","type":"next","payload":{"data":{"echo":["<redacted>","<redacted>"]}}}',
          '· ← {"id":"…","type":"complete"}',
          "· → close 1000 Normal Closure",
          "· ← closed 1000 Normal Closure"
        ]
      )

      const http = yield* yoga
      const queried = yield* capture("query", http.url, "{ hello }", "-v")
      assert.deepStrictEqual(queried.err, [
        '· → POST {"query":"{ hello }"}',
        "· ← HTTP status 200, application/graphql-response+json; charset=utf-8"
      ])
    })
  )

  it.scopedLive("shows no more of a URL than where it leads", () =>
    Effect.gen(function* () {
      const { port } = yield* local
      const url = `ws://user:hunter22@127.0.0.1:${port}${Server.path}?token=hunter33`
      const text = yield* capture("subscribe", url, "subscription { events(first: 1) { number } }")
      assert.strictEqual(text.exitCode, 0)
      const lost = yield* capture(
        ...["subscribe", url.replace(String(port), "1"), "subscription { a }", "--retry", "none"]
      )
      assert.strictEqual(lost.exitCode, 3)
      const all = [text, lost].flatMap(({ err, out }) => [...out, ...err])
      assert.notInclude(all.join("\n"), "hunter")
    })
  )

  it.live("shows nothing of a URL that came from the environment, nor what is said of it", () =>
    Effect.gen(function* () {
      const env = { TENANT: "hunter22" }
      const { err, exitCode } = yield* captureIn(
        { env },
        ...["query", "http://${TENANT}.invalid/${TENANT}", "{ a }", "--timeout", "5s"]
      )
      assert.strictEqual(exitCode, 3)
      assert.include(err[0], "http://<redacted>.invalid")
      assert.notInclude(err[0], "hunter22")
    })
  )

  it.scopedLive("lets a server write text, and nothing that a terminal would obey", () =>
    Effect.gen(function* () {
      const { url } = yield* acknowledging((socket) => socket.close(4500, "\u001b[2J\u009b2J"))
      const { err } = yield* capture("subscribe", url, "subscription { a }", "--retry", "none")
      assert.include(err.at(-1), "\\u001b[2J\\u009b2J")
    })
  )
})
