/** The diagnosis of servers that speak something else, in virtual time. */
import { assert, describe, it } from "@effect/vitest"
import * as Authorization from "@fiberline/appsync/Authorization"
import * as Absinthe from "@fiberline/core/Absinthe"
import * as ActionCable from "@fiberline/core/ActionCable"
import { appSync } from "@fiberline/core/AppSync"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import * as AppSync from "../../src/doctor/appsync.js"
import { diagnose } from "../../src/doctor/diagnose.js"
import { parse } from "../../src/doctor/endpoint.js"
import * as Render from "../../src/doctor/render.js"
import * as FakeProber from "./fakeProber.js"
import { quiet } from "./quiet.js"
import { factsOf, notes, problems, settings, statuses, stepOf } from "./settings.js"

/** As long as it takes. */
const run = (rules: FakeProber.Rules, url: string, more: Parameters<typeof settings>[1]) =>
  Effect.gen(function* () {
    const fake = FakeProber.make(rules)
    const fiber = yield* Effect.fork(
      diagnose(settings(url, more)).pipe(Effect.provide([fake.layer, quiet]))
    )
    yield* TestClock.adjust("30 minutes")
    const report = yield* Fiber.join(fiber)
    assert.strictEqual(fake.open(), 0, "a connection is left open")
    return { ...fake, report }
  })

const trips = { sent: 10, answered: 10, minMs: 40, medianMs: 40, maxMs: 40 }

describe.concurrent("Phoenix", () => {
  const url = "http://example.com/socket/websocket?token=hunter22"
  for (const [transport, speaks, vsn] of [
    ["phoenix", Absinthe.make(), "2.0.0"],
    ["phoenix-v1", Absinthe.make({ serializer: "1.0.0" }), "1.0.0"]
  ] as const) {
    it.effect(`is joined, asked by heartbeats, and told of nothing else (${transport})`, () =>
      Effect.gen(function* () {
        const { received, report, upgrades } = yield* run({ speaks }, url, { transport })
        assert.strictEqual(report.outcome, "healthy", JSON.stringify(report))
        assert.strictEqual(stepOf(report, "upgrade").status, "ok")
        assert.deepInclude(factsOf(report, "upgrade"), { protocol: transport, subprotocol: "" })
        assert.deepStrictEqual(upgrades, [
          {
            url: `ws://example.com/socket/websocket?token=hunter22&vsn=${vsn}`,
            subprotocols: []
          }
        ])
        assert.deepStrictEqual(factsOf(report, "ack"), { payload: {}, silenceMs: null })
        assert.deepStrictEqual(factsOf(report, "ping"), { messages: trips, frames: trips })
        const { keepAlives, messages } = factsOf(report, "listen")
        assert.deepStrictEqual([keepAlives, messages], [null, null])
        assert.isTrue(received.some((frame) => frame.includes('"heartbeat"')))
        assert.include(received[0], '"phx_join"')
        assert.include(notes(report), "drops a client that gives none")
        assert.notInclude(notes(report), "did not ping")
        // There is no query by POST at such an address.
        assert.strictEqual(statuses(report)["http"], "skipped")
        assert.strictEqual(report.advice.keepalive?.commandLine, "--keepalive 20s/3s")
        assert.include(
          Render.make(false).step(stepOf(report, "upgrade")).join("\n"),
          `101, ${transport}, without`
        )
        assert.notInclude(JSON.stringify(report), "hunter22")
      })
    )
  }

  it.effect("that answers no heartbeat is told so", () =>
    Effect.gen(function* () {
      const rules = { speaks: Absinthe.make(), ignores: ["messages"] as const }
      const { report } = yield* run(rules, url, { transport: "phoenix" })
      assert.strictEqual(stepOf(report, "ping").status, "warning")
      assert.isNull(report.advice.keepalive)
    })
  )

  it.effect("whose channel crashes fails, by what it says", () =>
    Effect.gen(function* () {
      const rules: FakeProber.Rules = {
        speaks: Absinthe.make(),
        says: { message: { _tag: "Disconnected", detail: "", retry: "backoff" }, after: 5000 }
      }
      const { report } = yield* run(rules, url, { transport: "phoenix" })
      const listen = stepOf(report, "listen")
      assert("failure" in listen, JSON.stringify(listen))
      assert.strictEqual(listen.failure.code, "disconnect")
      assert.include(listen.failure.message, "the channel crashed")
    })
  )

  it.effect("that has a subprotocol of its own was not asked for one", () =>
    Effect.gen(function* () {
      const { report } = yield* run({ subprotocol: "mine" }, url, { transport: "phoenix" })
      assert.strictEqual(stepOf(report, "upgrade").status, "failed")
      assert.include(problems(report), "has no name")
    })
  )
})

describe.concurrent("ActionCable", () => {
  const url = "ws://example.com/cable"
  const transport = "actioncable"

  it.effect("is heard though it speaks first, and asked by ping frames", () =>
    Effect.gen(function* () {
      const rules = { speaks: ActionCable.make(), keepAlives: 3000 }
      const { received, report } = yield* run(rules, url, { transport, idleLimit: 20_000 })
      assert.strictEqual(report.outcome, "healthy", JSON.stringify(report))
      assert.isEmpty(received)
      assert.deepStrictEqual(factsOf(report, "ack"), { payload: null, silenceMs: null })
      assert.deepStrictEqual(factsOf(report, "ping"), { messages: null, frames: trips })
      const { keepAlives, messages } = factsOf(report, "listen")
      assert.isNull(messages)
      assert.strictEqual(keepAlives?.periodMs, 3000)
      const idle = factsOf(report, "idle")
      assert.deepStrictEqual([idle.survivedMs, idle.disturbed], [20_000, true])
    })
  )

  it.effect("may refuse, or say that it serves nobody any more", () =>
    Effect.gen(function* () {
      const speaks = ActionCable.make()
      const saying = (message: NonNullable<FakeProber.Rules["says"]>["message"]) =>
        run({ speaks, says: { message, after: 1000 } }, url, { transport })
      const { report } = yield* saying({
        _tag: "Disconnected",
        detail: "restart",
        retry: "backoff"
      })
      assert.include(JSON.stringify(stepOf(report, "listen")), "no longer: restart")

      const never = yield* run({ speaks, ack: "never" }, url, { transport })
      assert.strictEqual(stepOf(never.report, "ack").status, "failed")
      assert.include(problems(never.report), "never welcomed")
    })
  )

  it.effect("does with an unknown command what it does", () =>
    Effect.gen(function* () {
      const rules = { speaks: ActionCable.make(), unknown: "ignore", keepAlives: 500 } as const
      const { received, report } = yield* run(rules, url, { transport, probeLimit: 5000 })
      assert.strictEqual(factsOf(report, "unknownMessage").treatment, "ignored")
      assert.deepStrictEqual(received, ['{"command":"fiberline_doctor_unknown","identifier":"{}"}'])
      // Nothing says what it should do.
      assert.notInclude(notes(report), "4400")
    })
  )
})

describe.concurrent("AppSync", () => {
  const api = "https://abc.appsync-api.eu-west-1.amazonaws.com/graphql"
  const where = AppSync.make(parse(api)!, new URL(api), Authorization.apiKey("key-hunter22"))

  it.effect("is asked at its WebSocket's address, by an offer, and for a query at its own", () =>
    Effect.gen(function* () {
      const found = where
      const rules = {
        speaks: appSync,
        ack: { payload: { connectionTimeoutMs: 300_000 } },
        keepAlives: 60_000
      }
      const more = {
        ...found,
        transport: "appsync",
        listen: 130_000,
        secrets: [Redacted.make("key-hunter22")]
      } as const
      const { posts, report, upgrades } = yield* run(rules, api, more)
      assert.strictEqual(report.outcome, "healthy", JSON.stringify(report))
      assert.strictEqual(
        report.url,
        "wss://abc.appsync-realtime-api.eu-west-1.amazonaws.com/graphql"
      )
      assert.strictEqual(report.askedFor, api)
      assert.strictEqual(upgrades[0]?.url, report.url)
      const [name, credentials = ""] = upgrades[0]?.subprotocols ?? []
      assert.strictEqual(name, "graphql-ws")
      assert.deepStrictEqual(
        JSON.parse(Buffer.from(credentials.replace("header-", ""), "base64url").toString()),
        { host: "abc.appsync-api.eu-west-1.amazonaws.com", "x-api-key": "key-hunter22" }
      )
      assert.deepStrictEqual(posts, [
        {
          url: api.replace("https:", "wss:"),
          headers: [["x-api-key", "key-hunter22"]],
          body: '{"query":"{ __typename }"}'
        }
      ])
      // It is no legacy server, though it says so.
      assert.deepInclude(factsOf(report, "upgrade"), {
        protocol: "appsync",
        subprotocol: "graphql-ws"
      })
      assert.notInclude(notes(report), "legacy")
      assert.strictEqual(factsOf(report, "ack").silenceMs, 300_000)
      assert.include(notes(report), "after 5 min without a sign of life")
      assert.isNull(factsOf(report, "ping").messages)
      assert.strictEqual(factsOf(report, "listen").keepAlives?.periodMs, 60_000)
      assert.notInclude(JSON.stringify(report), "hunter22")
      assert.include(Render.make(false).headline(found.endpoint).join("\n"), `where ${api} has`)
    })
  )

  it.effect("may refuse its credentials, which are not shown", () =>
    Effect.gen(function* () {
      const found = where
      const rules: FakeProber.Rules = {
        speaks: appSync,
        ack: "never",
        says: {
          message: {
            _tag: "ConnectionError",
            payload: {
              errors: [{ message: "no key-hunter22", errorType: "UnauthorizedException" }]
            }
          },
          after: 100
        }
      }
      const more = {
        ...found,
        transport: "appsync",
        secrets: [Redacted.make("key-hunter22")]
      } as const
      const { report } = yield* run(rules, api, more)
      assert.strictEqual(report.outcome, "network")
      const ack = stepOf(report, "ack")
      assert("failure" in ack, JSON.stringify(ack))
      assert.strictEqual(ack.failure.code, "connection_error")
      assert.strictEqual(ack.failure.message, "refused with connection_error: no <redacted>")
      assert.include(problems(report), "AppSync refuses these credentials")
    })
  )
})
