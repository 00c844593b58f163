import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as Relay from "../src/relay.js"
import * as Server from "../src/server.js"
import { closeTimeout } from "../src/watch.js"
import { capture, prepare } from "./capture.js"
import { acknowledging, echo } from "./endpoints.js"

const local = Effect.map(Server.make, (server) => ({
  ...server,
  url: `ws://127.0.0.1:${server.port}${Server.path}`
}))

const query = (text: string) => ["--query", `subscription { ${text} }`]

describe("watching an endpoint", () => {
  it.scopedLive("prints each event, and ends with 0 when the subscription completes", () =>
    Effect.gen(function* () {
      const { url } = yield* local
      const { err, exitCode, out } = yield* capture(
        "--url",
        url,
        ...query("events(first: 2) { number }")
      )
      assert.deepStrictEqual(err, [])
      assert.strictEqual(exitCode, 0)
      const told = out.map((line) => line.replace(/^ *\d+\.\d{3} s {2}/, ""))
      assert.deepStrictEqual(told, [
        `Subscribing at ${url}`,
        "Ctrl-C ends it.",
        "",
        "✓ connected",
        '← event 1  {"events":{"number":1}}',
        '← event 2  {"events":{"number":2}}',
        "✓ the subscription completed after 2 events"
      ])
    })
  )

  it.scopedLive("prints JSON lines", () =>
    Effect.gen(function* () {
      const { url } = yield* local
      const { err, exitCode, out } = yield* capture(
        ...["--url", url, "--json"],
        ...query("events(first: 2) { number }")
      )
      assert.deepStrictEqual(err, [])
      assert.strictEqual(exitCode, 0)
      assert.deepStrictEqual(out, [
        '{"event":1,"data":{"events":{"number":1}}}',
        '{"event":2,"data":{"events":{"number":2}}}'
      ])
    })
  )

  it.scopedLive("takes an http: URL for the same endpoint", () =>
    Effect.gen(function* () {
      const { port } = yield* local
      const url = `http://127.0.0.1:${port}${Server.path}`
      const { exitCode } = yield* capture("--url", url, ...query("events(first: 1) { number }"))
      assert.strictEqual(exitCode, 0)
    })
  )

  it.scopedLive("closes when it is interrupted, and says how long that took", () =>
    Effect.gen(function* () {
      const { clients, url } = yield* local
      const { err, out, program } = yield* prepare("--url", url, ...query("events { number }"))
      const fiber = yield* Effect.fork(program)
      yield* Effect.repeat(Queue.take(out), { until: (line) => line.includes("event 2") })
      const exit = yield* Fiber.interrupt(fiber)
      assert.isTrue(Exit.isInterrupted(exit))
      assert.match(yield* Queue.take(out), /· interrupted after 2 events; closed in \d+\.\d ms$/)
      assert.isTrue(yield* Queue.isEmpty(err))

      const seen = yield* Queue.take(clients)
      assert.strictEqual(yield* Deferred.await(seen.closeCode), 1000)
      assert.deepStrictEqual(seen.messages, ["connection_init", "subscribe", "complete"])
    })
  )

  it.scopedLive("closes within its bound when it is interrupted under a black hole", () =>
    Effect.gen(function* () {
      const { port } = yield* local
      const relay = yield* Relay.make(port)
      const { out, program } = yield* prepare(
        ...["--url", `ws://127.0.0.1:${relay.port}${Server.path}`],
        ...query("events { number }")
      )
      const fiber = yield* Effect.fork(program)
      yield* Effect.repeat(Queue.take(out), { until: (line) => line.includes("event 1") })
      yield* relay.goSilent
      const start = performance.now()
      yield* Fiber.interrupt(fiber)
      const took = performance.now() - start
      assert.isAtLeast(took, closeTimeout - 10)
      assert.isAtMost(took, closeTimeout + 250)

      const [, said] = /closed in (\d+\.\d) ms$/.exec(yield* Queue.take(out)) ?? []
      assert.approximately(Number(said), took, 50)
    })
  )

  it.scopedLive("ends with 1 when the operation fails", () =>
    Effect.gen(function* () {
      const { url } = yield* local
      const { err, exitCode } = yield* capture("--url", url, ...query("unheardOf"))
      assert.strictEqual(exitCode, 1)
      assert.deepStrictEqual(err, [
        "OperationError, after 0 events\n" +
          'Cannot query field "unheardOf" on type "Subscription".'
      ])
    })
  )

  it.scopedLive("ends with 3 when the network fails, with the cause", () =>
    Effect.gen(function* () {
      // Of a server that is gone.
      const { url } = yield* Effect.scoped(local)
      const once = ["--url", url, ...query("events { number }"), "--no-reconnect"]
      const text = yield* capture(...once)
      assert.strictEqual(text.exitCode, 3)
      const [complaint = ""] = text.err
      assert.include(complaint, "NetworkError ConnectFailed · phase connecting · not sent")
      assert.include(complaint, "because of: connect ECONNREFUSED")

      const json = yield* capture("--json", ...once)
      assert.strictEqual(json.exitCode, 3)
      assert.deepStrictEqual(json.err, [])
      const { error } = JSON.parse(json.out[0] ?? "")
      assert.deepStrictEqual(Object.keys(error), [
        ...["_tag", "reason", "phase", "sent", "message", "cause"]
      ])
      assert.strictEqual(error._tag, "NetworkError")
      assert.strictEqual(error.reason, "ConnectFailed")
      assert.strictEqual(error.phase, "connecting")
      assert.isFalse(error.sent)
    })
  )

  it.scopedLive("ends with 3 when the server closes", () =>
    Effect.gen(function* () {
      const { url } = yield* acknowledging((socket) => socket.close(4403, "Forbidden"))
      const once = yield* capture("--url", url, ...query("a"), "--no-reconnect")
      assert.strictEqual(once.exitCode, 3)
      assert.include(once.err[0], "NetworkError ServerClosed · phase live")
      assert.include(once.err[0], "Forbidden")

      const { err, exitCode, out } = yield* capture("--url", url, ...query("a"))
      assert.strictEqual(exitCode, 3)
      const lost = out.filter((line) => line.includes("! connection lost: "))
      assert.lengthOf(lost, 1)
      assert.match(lost[0] ?? "", /4403 \(Forbidden\): Forbidden, reconnecting…$/)
      assert.include(err[0], "NetworkError Unauthorized · phase live")
      assert.include(err[0], "because of: ")
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
      const { err, exitCode, out } = yield* capture("--url", url, ...query("life"))
      assert.deepStrictEqual(err, [])
      assert.strictEqual(exitCode, 0)
      const told = out.map((line) => line.replace(/^ *\d+\.\d{3} s {2}/, ""))
      const gap = told.findIndex((line) => line.startsWith("↷"))
      assert.match(told[gap] ?? "", /^↷ back after \d\.\d s, without what was published meanwhile$/)
      told[gap] = "(the gap)"
      assert.deepStrictEqual(told.slice(3), [
        "✓ connected",
        '← event 1  {"life":1}',
        "! connection lost: the server closed the connection with 1012 (Service Restart): " +
          "de\\u001bploy, reconnecting…",
        "(the gap)",
        '← event 2  {"life":2}',
        "✓ the subscription completed after 2 events"
      ])
    })
  )

  it.scopedLive("says so in JSON, between the events", () =>
    Effect.gen(function* () {
      const { url } = yield* restarting
      const { err, exitCode, out } = yield* capture("--json", "--url", url, ...query("life"))
      assert.deepStrictEqual(err, [])
      assert.strictEqual(exitCode, 0)
      const [first, second, third, ...others] = out
      assert.deepStrictEqual(others, [])
      assert.strictEqual(first, '{"event":1,"data":{"life":1}}')
      assert.strictEqual(third, '{"event":2,"data":{"life":2}}')
      const { gap } = JSON.parse(second ?? "")
      assert.deepStrictEqual(Object.keys(gap), ["since", "durationMs", "cause"])
      assert.approximately(Date.parse(gap.since), Date.now(), 5000)
      assert.isAtMost(gap.durationMs, 2000)
      assert.strictEqual(gap.cause.reason, "ServerClosed")
    })
  )

  it.scopedLive("waits for a server that is not there yet, until it is interrupted", () =>
    Effect.gen(function* () {
      const { url } = yield* Effect.scoped(local)
      const { err, out, program } = yield* prepare("--url", url, ...query("events { number }"))
      const fiber = yield* Effect.fork(program)
      const line = yield* Effect.repeat(Queue.take(out), { until: (line) => line.includes("!") })
      assert.match(line, /! no connection: the socket could not be opened, reconnecting…$/)
      assert.match(yield* Queue.take(out), /^ +because of: connect ECONNREFUSED /)
      yield* Fiber.interrupt(fiber)
      const last = Array.from(yield* Queue.takeAll(out)).at(-1)
      assert.match(last ?? "", /· interrupted after 0 events; closed in \d+\.\d ms$/)
      assert.isTrue(yield* Queue.isEmpty(err))
    })
  )

  it.scopedLive("ends with 4 when the server breaks the protocol", () =>
    Effect.gen(function* () {
      const { closed, url } = yield* acknowledging((socket) =>
        socket.on("message", () => socket.send("nonsense"))
      )
      const { err, exitCode } = yield* capture("--url", url, ...query("a"))
      assert.strictEqual(exitCode, 4)
      assert.include(err[0], "ProtocolError NotJson · phase live · sent")
      assert.strictEqual(yield* Deferred.await(closed), 4400)
    })
  )

  it.scopedLive("sends headers and payload, and prints neither, whoever says them", () =>
    Effect.gen(function* () {
      const token = "hunter22"
      const secrets = [
        ...["--header", `authorization: Bearer ${token}`],
        ...["--payload", JSON.stringify({ token: `${token}-payload` })]
      ]
      const { url } = yield* echo
      const data = yield* capture("--json", "--url", url, ...query("echo"), ...secrets)
      assert.strictEqual(data.exitCode, 0)
      assert.deepStrictEqual(data.out, ['{"event":1,"data":{"echo":["<redacted>","<redacted>"]}}'])
      const refused = yield* capture("--url", url, ...query("refuse"), ...secrets)
      assert.strictEqual(refused.exitCode, 1)

      const closing = yield* acknowledging((socket) => socket.close(4403, `not with ${token}`))
      const closed = yield* capture("--url", closing.url, ...query("a"), ...secrets)
      assert.strictEqual(closed.exitCode, 3)

      const quoting = yield* acknowledging((socket) => socket.send(`nonsense ${token}`))
      const quoted = yield* capture("--url", quoting.url, ...query("a"), ...secrets)
      assert.strictEqual(quoted.exitCode, 4)

      const all = [data, refused, closed, quoted].flatMap(({ err, out }) => [...out, ...err])
      assert.notInclude(all.join("\n"), token)
    })
  )

  it.scopedLive("shows no more of a URL than where it leads", () =>
    Effect.gen(function* () {
      const { port } = yield* local
      const url = `ws://user:hunter22@127.0.0.1:${port}${Server.path}?token=hunter33`
      const { err, out } = yield* capture("--url", url, ...query("events(first: 1) { number }"))
      assert.notInclude([...out, ...err].join("\n"), "hunter")
    })
  )

  it.scopedLive("lets a server write text, and nothing that a terminal would obey", () =>
    Effect.gen(function* () {
      const { url } = yield* acknowledging((socket) => socket.close(4500, "\u001b[2J\u009b2J"))
      const { err } = yield* capture("--url", url, ...query("a"), "--no-reconnect")
      assert.include(err[0], "\\u001b[2J\\u009b2J")
    })
  )

  it.live("ends with 2, and a hint, when the command line is wrong", () =>
    Effect.gen(function* () {
      const { err, exitCode, out } = yield* capture("--url", "ws://localhost")
      assert.strictEqual(exitCode, 2)
      assert.deepStrictEqual(out, [])
      assert.deepStrictEqual(err, ["--url needs --query\nSee npm start -- --help"])
    })
  )

  it.live("helps", () =>
    Effect.gen(function* () {
      const { exitCode, out } = yield* capture("--help")
      assert.strictEqual(exitCode, 0)
      assert.match(out[0] ?? "", /^Usage/)
    })
  )
})
