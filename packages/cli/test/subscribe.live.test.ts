import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import { closeTimeout } from "../src/client.js"
import * as Relay from "../src/demo/relay.js"
import * as Server from "../src/demo/server.js"
import { capture, captureIn, prepare } from "./support/capture.js"
import { acknowledging, legacy } from "./support/endpoints.js"
import { yoga } from "./support/yoga.js"

const local = Effect.map(Server.make, (server) => ({
  ...server,
  url: `ws://127.0.0.1:${server.port}${Server.path}`
}))

/** A line of the queue, the first with this in it. */
const line = (lines: Queue.Dequeue<string>, text: string) =>
  Effect.repeat(Queue.take(lines), { until: (line) => line.includes(text) })

const results = ({ out }: { readonly out: ReadonlyArray<string> }): ReadonlyArray<unknown> =>
  out.map((line) => JSON.parse(line))

describe("fiberline subscribe", () => {
  it.scopedLive(
    "prints each result on a line, and ends with 0 when the subscription completes",
    () =>
      Effect.gen(function* () {
        const { url } = yield* local
        const { err, exitCode, out } = yield* capture(
          ...["subscribe", url, "subscription { events(first: 2) { number } }"]
        )
        assert.strictEqual(exitCode, 0)
        assert.deepStrictEqual(out, [
          '{"data":{"events":{"number":1}}}',
          '{"data":{"events":{"number":2}}}'
        ])
        assert.deepStrictEqual(err, ["✓ connected", "✓ the subscription ended after 2 results"])
      })
  )

  it.scopedLive("ends after as many results as are wanted", () =>
    Effect.gen(function* () {
      const { clients, url } = yield* local
      const subscription = "subscription { events { number } }"
      const ended = yield* capture("subscribe", url, subscription, "--count", "2", "--quiet")
      assert.strictEqual(ended.exitCode, 0)
      assert.lengthOf(ended.out, 2)
      assert.deepStrictEqual(ended.err, [])
      // And the server is told.
      const seen = yield* Queue.take(clients)
      assert.strictEqual(yield* Deferred.await(seen.closeCode), 1000)
      assert.deepStrictEqual(seen.messages, ["connection_init", "subscribe", "complete"])
      for (const count of ["0", "-1", "x", "1.5"]) {
        const { err, exitCode } = yield* capture("subscribe", url, subscription, `--count=${count}`)
        assert.strictEqual(exitCode, 2)
        assert.include(err[0], "--count must be a number, 1 or more")
      }
    })
  )

  it.scopedLive("prints data alone, or for people", () =>
    Effect.gen(function* () {
      const { url } = yield* local
      const args = ["subscribe", url, "subscription { events(first: 1) { number } }", "--output"]
      assert.deepStrictEqual((yield* capture(...args, "data")).out, ['{"events":{"number":1}}'])
      const pretty = yield* captureIn({ colours: true }, ...args, "pretty")
      assert.deepStrictEqual(pretty.out, [
        [
          "{",
          '  \u001b[36m"data"\u001b[39m: {',
          '    \u001b[36m"events"\u001b[39m: {',
          '      \u001b[36m"number"\u001b[39m: \u001b[33m1\u001b[39m',
          "    }",
          "  }",
          "}"
        ].join("\n")
      ])
    })
  )

  it.scopedLive("at an http: address goes over a WebSocket where there is one", () =>
    Effect.gen(function* () {
      const { port } = yield* local
      const url = `http://127.0.0.1:${port}${Server.path}`
      const { exitCode, out } = yield* capture(
        ...["subscribe", url, "subscription { events(first: 1) { number } }"]
      )
      assert.strictEqual(exitCode, 0)
      assert.lengthOf(out, 1)
    })
  )

  it.scopedLive("and as Server-Sent Events where there is none", () =>
    Effect.gen(function* () {
      const { requests, url } = yield* yoga
      const args = ["subscribe", url, "subscription { count(to: 3) }", "-H", "X-Tenant: acme"]
      const { err, exitCode, out } = yield* capture(...args)
      assert.strictEqual(exitCode, 0)
      assert.deepStrictEqual(
        results({ out }),
        [1, 2, 3].map((count) => ({ data: { count } }))
      )
      assert.deepStrictEqual(err, [
        "· the server answered the upgrade with HTTP status 200: Server-Sent Events instead",
        "✓ connected",
        "✓ the subscription ended after 3 results"
      ])
      assert.strictEqual(requests.at(-1)?.["x-tenant"], "acme")

      const forced = yield* capture(...args, "--transport", "sse")
      assert.deepStrictEqual(forced.out, out)
      assert.strictEqual(forced.err[0], "✓ connected")
    })
  )

  it.scopedLive("says that there is no WebSocket where one was asked for", () =>
    Effect.gen(function* () {
      const { url } = yield* yoga
      const { err, exitCode } = yield* capture(
        ...["subscribe", url, "subscription { odd }", "--transport", "ws", "--retry", "none"]
      )
      assert.strictEqual(exitCode, 3)
      assert.include(err[0], "NetworkError HandshakeRejected · phase connecting · not sent")
    })
  )

  it.scopedLive("speaks the legacy protocol to a server that has no other", () =>
    Effect.gen(function* () {
      const { url } = yield* legacy
      for (const transport of ["auto", "legacy"]) {
        const { err, exitCode, out } = yield* capture(
          ...["subscribe", url, "subscription { count }", "--transport", transport]
        )
        assert.strictEqual(exitCode, 0, err.join("\n"))
        assert.deepStrictEqual(out, ['{"data":{"count":1}}', '{"data":{"count":2}}'])
      }
      const query = yield* capture("query", url, "{ hello }", "--output", "data")
      assert.deepStrictEqual(query.out, ['{"hello":"world"}'])
      const modern = yield* capture("query", url, "{ hello }", "--transport", "ws")
      assert.strictEqual(modern.exitCode, 3, modern.err.join("\n"))
    })
  )

  it.scopedLive("goes on after a result with errors, and ends with 1", () =>
    Effect.gen(function* () {
      const { url } = yield* yoga
      const { err, exitCode, out } = yield* capture(
        ...["subscribe", url, "subscription { odd }", "--transport", "sse"]
      )
      assert.strictEqual(exitCode, 1)
      assert.lengthOf(out, 2)
      assert.include(out[1], '"2 is even"')
      assert.include(err, "✗ odd: 2 is even (line 1, column 16)")
    })
  )

  it.scopedLive("fails where there is no connection in time, and only there", () =>
    Effect.gen(function* () {
      const { url } = yield* local
      // Four events take 800 ms.
      const subscription = "subscription { events(first: 4) { number } }"
      const inTime = yield* capture("subscribe", url, subscription, "--timeout", "600ms")
      assert.strictEqual(inTime.exitCode, 0)

      const relay = yield* Relay.make(1)
      yield* relay.goSilent
      const start = performance.now()
      const { err, exitCode } = yield* capture(
        ...["subscribe", `ws://127.0.0.1:${relay.port}/`, subscription, "--timeout", "300ms"]
      )
      assert.strictEqual(exitCode, 3)
      assert.include(err.at(-1), "NetworkError ConnectTimeout")
      assert.isAtMost(performance.now() - start, 3000)
    })
  )

  it.scopedLive("closes when it is interrupted, and says how long that took", () =>
    Effect.gen(function* () {
      const { clients, url } = yield* local
      const { err, out, program } = yield* prepare(
        ...["subscribe", url, "subscription { events { number } }"]
      )
      const fiber = yield* Effect.fork(program)
      yield* line(out, '"number":2')
      const exit = yield* Fiber.interrupt(fiber)
      assert.isTrue(Exit.isInterrupted(exit))
      const said = yield* line(err, "interrupted")
      assert.match(said, /^· interrupted after \d results; closed in \d+\.\d ms$/)

      const seen = yield* Queue.take(clients)
      assert.strictEqual(yield* Deferred.await(seen.closeCode), 1000)
      assert.deepStrictEqual(seen.messages, ["connection_init", "subscribe", "complete"])
    })
  )

  it.scopedLive("closes within its bound when it is interrupted under a black hole", () =>
    Effect.gen(function* () {
      const { port } = yield* local
      const relay = yield* Relay.make(port)
      const { err, out, program } = yield* prepare(
        ...["subscribe", `ws://127.0.0.1:${relay.port}${Server.path}`],
        "subscription { events { number } }"
      )
      const fiber = yield* Effect.fork(program)
      yield* line(out, '"number":1')
      yield* relay.goSilent
      const start = performance.now()
      yield* Fiber.interrupt(fiber)
      const took = performance.now() - start
      assert.isAtLeast(took, closeTimeout - 10)
      assert.isAtMost(took, closeTimeout + 1000)

      const [, said] = /closed in (\d+\.\d) ms$/.exec(yield* line(err, "interrupted")) ?? []
      assert.approximately(Number(said), took, 200)
    })
  )

  it.scopedLive("ends with 1 when the operation is refused", () =>
    Effect.gen(function* () {
      const { url } = yield* local
      const { err, exitCode, out } = yield* capture("subscribe", url, "subscription { unheardOf }")
      assert.strictEqual(exitCode, 1)
      const message = 'Cannot query field "unheardOf" on type "Subscription".'
      assert.deepStrictEqual(results({ out }), [
        { data: null, errors: [{ message, locations: [{ line: 1, column: 16 }] }] }
      ])
      assert.include(err, `✗ ${message} (line 1, column 16)`)
    })
  )

  it.scopedLive("ends with 3 when the network fails, with the cause", () =>
    Effect.gen(function* () {
      // Of a server that is gone.
      const { url } = yield* Effect.scoped(local)
      const { err, exitCode, out } = yield* capture(
        ...["subscribe", url, "subscription { events { number } }", "--retry", "none"]
      )
      assert.strictEqual(exitCode, 3)
      assert.deepStrictEqual(out, [])
      assert.lengthOf(err, 1)
      const [what, , because, seen] = (err[0] ?? "").split("\n")
      assert.strictEqual(what, "✗ NetworkError ConnectFailed · phase connecting · not sent")
      assert.match(because ?? "", /^ {2}because of: connect ECONNREFUSED/)
      assert.strictEqual(seen, "  after 0 results")
    })
  )

  it.scopedLive("ends with 3 when the server closes", () =>
    Effect.gen(function* () {
      const { url } = yield* acknowledging((socket) => socket.close(4403, "Forbidden"))
      const args = ["subscribe", url, "subscription { a }"]
      const once = yield* capture(...args, "--retry", "none")
      assert.strictEqual(once.exitCode, 3)
      assert.include(once.err.at(-1), "NetworkError ServerClosed · phase live")
      assert.include(once.err.at(-1), "Forbidden")

      const { err, exitCode } = yield* capture(...args)
      assert.strictEqual(exitCode, 3)
      const lost = err.filter((line) => line.startsWith("! connection lost: "))
      assert.lengthOf(lost, 1)
      assert.match(lost[0] ?? "", /4403 \(Forbidden\): Forbidden, reconnecting…$/)
      assert.include(err.at(-1), "NetworkError Unauthorized · phase live")
      assert.include(err.at(-1), "because of: ")
    })
  )

  /** Publishes an event, closes, and after that publishes another and completes. */
  const restarting = Effect.suspend(() => {
    let lives = 0
    return acknowledging((socket) => {
      const life = ++lives
      socket.on("message", (frame) => {
        const { id, type } = JSON.parse(String(frame))
        if (type !== "subscribe") return
        socket.send(JSON.stringify({ type: "next", id, payload: { data: { life } } }))
        if (life === 2) socket.send(JSON.stringify({ type: "complete", id }))
        else setTimeout(() => socket.close(1012, "de\u001bploy"), 50)
      })
    })
  })

  it.scopedLive("says when the connection is lost, and when it is back", () =>
    Effect.gen(function* () {
      const { url } = yield* restarting
      const { err, exitCode, out } = yield* capture("subscribe", url, "subscription { life }")
      assert.strictEqual(exitCode, 0)
      assert.deepStrictEqual(results({ out }), [{ data: { life: 1 } }, { data: { life: 2 } }])
      assert.deepStrictEqual(
        err.map((line) => line.replace(/\d\.\d s/, "#.# s")),
        [
          "✓ connected",
          "! connection lost: the server closed the connection with 1012 (Service Restart): " +
            "de\\u001bploy, reconnecting…",
          "↷ back after #.# s, without what was published meanwhile",
          "✓ the subscription ended after 2 results"
        ]
      )
    })
  )

  it.scopedLive("waits for a server that is not there yet, until it is interrupted", () =>
    Effect.gen(function* () {
      const { url } = yield* Effect.scoped(local)
      const { err, out, program } = yield* prepare(
        ...["subscribe", url, "subscription { events { number } }"]
      )
      const fiber = yield* Effect.fork(program)
      const said = yield* line(err, "!")
      assert.match(
        said,
        /^! no connection: the socket could not be opened; because of: connect ECONNREFUSED .*, reconnecting…$/
      )
      yield* Fiber.interrupt(fiber)
      yield* line(err, "interrupted after 0 results")
      assert.isTrue(yield* Queue.isEmpty(out))
    })
  )

  it.scopedLive("ends with 4 for a result that is nested beyond what can be printed", () =>
    Effect.gen(function* () {
      const { url } = yield* acknowledging((socket) =>
        socket.once("message", (text) => {
          const { id } = JSON.parse(String(text))
          const data = "[".repeat(50_000) + "]".repeat(50_000)
          socket.send(`{"type":"next","id":"${id}","payload":{"data":${data}}}`)
        })
      )
      const { err, exitCode, out } = yield* capture("subscribe", url, "subscription { deep }")
      assert.strictEqual(exitCode, 4)
      assert.deepStrictEqual(out, [])
      assert.include(err.join("\n"), "✗ a result is nested too deeply to be printed")
    })
  )

  it.scopedLive("ends with 4 when the server breaks the protocol", () =>
    Effect.gen(function* () {
      const { closed, url } = yield* acknowledging((socket) =>
        socket.on("message", () => socket.send("nonsense"))
      )
      const { err, exitCode } = yield* capture("subscribe", url, "subscription { a }")
      assert.strictEqual(exitCode, 4)
      assert.include(err.at(-1), "ProtocolError NotJson · phase live · sent")
      assert.include(err.at(-1), "it sent: nonsense")
      assert.strictEqual(yield* Deferred.await(closed), 4400)
    })
  )
})

describe("fiberline demo --url", () => {
  it.scopedLive("subscribes", () =>
    Effect.gen(function* () {
      const { url } = yield* local
      const query = "subscription { events(first: 1) { number } }"
      for (const json of [[], ["--json"]]) {
        const { exitCode, out } = yield* capture("demo", ...json, "--url", url, "--query", query)
        assert.strictEqual(exitCode, 0)
        assert.deepStrictEqual(out, ['{"data":{"events":{"number":1}}}'])
      }
      const gone = ["--url", "ws://127.0.0.1:1/", "--query", query, "--no-reconnect"]
      assert.strictEqual((yield* capture("demo", ...gone)).exitCode, 3)
    })
  )

  it.live("needs both URL and query", () =>
    Effect.gen(function* () {
      const alone = yield* capture("demo", "--url", "ws://localhost")
      assert.strictEqual(alone.exitCode, 2)
      assert.deepStrictEqual(alone.err, ["✗ --url needs --query\n  See fiberline demo --help"])
      for (const args of [["--query", "{ a }"], ["-H", "a:b"], ["--no-reconnect"]]) {
        assert.strictEqual((yield* capture("demo", ...args)).exitCode, 2)
      }
    })
  )
})
