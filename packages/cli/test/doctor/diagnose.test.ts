/** The diagnosis in virtual time, of servers that are made of rules. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { diagnose } from "../../src/doctor/diagnose.js"
import { UpgradeRefused } from "../../src/doctor/failure.js"
import type { Settings } from "../../src/doctor/settings.js"
import * as FakeProber from "./fakeProber.js"
import { quiet } from "./quiet.js"
import { parse } from "../../src/doctor/endpoint.js"
import { factsOf, notes, problems, settings, statuses, stepOf } from "./settings.js"

const url = "ws://example.com/graphql"

/** As long as it takes, and what was open at the end. */
const run = (rules: FakeProber.Rules, more: Parameters<typeof settings>[1] = {}, at = url) =>
  Effect.gen(function* () {
    const fake = FakeProber.make(rules)
    const all: Settings = settings(at, more)
    const fiber = yield* Effect.fork(diagnose(all).pipe(Effect.provide([fake.layer, quiet])))
    yield* TestClock.adjust("30 minutes")
    const report = yield* Fiber.join(fiber)
    assert.strictEqual(fake.open(), 0, "a connection is left open")
    return { report, received: fake.received, upgrades: fake.upgrades }
  })

describe.concurrent("a healthy server", () => {
  it.effect("goes through every step, with the time of each", () =>
    Effect.gen(function* () {
      const { report } = yield* run({ pingFrames: 12_000, ack: { payload: { hello: 1 } } })
      assert.strictEqual(report.outcome, "healthy")
      assert.deepStrictEqual(statuses(report), {
        ...{ dns: "ok", tcp: "ok", tls: "skipped", upgrade: "ok", ack: "ok", ping: "ok" },
        ...{ listen: "ok", unknownMessage: "skipped", unansweredPing: "skipped" },
        ...{ idle: "skipped", close: "ok", http: "skipped" }
      })
      const times = report.steps.flatMap((step) => ("ms" in step ? [[step.step, step.ms]] : []))
      assert.deepStrictEqual(times, [
        ...[["dns", 5] as const, ["tcp", 20], ["upgrade", 0], ["ack", 40]],
        // Ten of 40 ms, and nine pauses of 100.
        ...[
          ["ping", 1300],
          ["listen", 15_000],
          ["close", 40]
        ]
      ])
      assert.deepStrictEqual(factsOf(report, "ack").payload, { hello: 1 })
      const trips = { sent: 10, answered: 10, minMs: 40, medianMs: 40, maxMs: 40 }
      assert.deepStrictEqual(factsOf(report, "ping"), { messages: trips, frames: trips })
      const { frames, messages } = factsOf(report, "listen")
      assert.deepStrictEqual(frames, { count: 1, firstMs: 12_000, periodMs: null })
      assert.strictEqual(messages?.count, 0)
      assert.deepStrictEqual(factsOf(report, "close"), {
        ...{ closeFrameMs: 40, closeCode: 1000, tcpEndMs: 40 }
      })
      assert.strictEqual(report.advice.keepalive?.commandLine, "--keepalive 20s/3s")
      assert.strictEqual(report.advice.keepalive?.boundMs, 23_000)
    })
  )

  it.effect("is not named where its name came from the environment", () =>
    Effect.gen(function* () {
      const endpoint = parse("ws://internal-host.example/graphql", ["internal-host.example"])!
      const { report } = yield* run({}, { endpoint })
      assert.strictEqual(report.outcome, "healthy")
      assert.notInclude(JSON.stringify(report), "internal-host")
    })
  )

  it.effect("is asked a query where the URL is http:, and taken for ws:", () =>
    Effect.gen(function* () {
      const { report } = yield* run({}, {}, "http://example.com/graphql")
      assert.strictEqual(report.url, url)
      assert.strictEqual(report.askedFor, "http://example.com/graphql")
      assert.deepStrictEqual(factsOf(report, "http"), {
        ...{ status: 200, mediaType: "application/json", graphql: true }
      })
    })
  )

  it.effect("has its ping messages answered, with their payload, and their period told", () =>
    Effect.gen(function* () {
      const { received, report } = yield* run({ pingMessages: 5000, patience: 1000 })
      assert.strictEqual(report.outcome, "healthy")
      assert.deepStrictEqual(factsOf(report, "listen").messages, {
        ...{ count: 3, firstMs: 5000, periodMs: 5000 }
      })
      assert.include(received, '{"type":"pong","payload":{"n":1}}')
    })
  )
})

describe.concurrent("pings that are not answered", () => {
  it.effect("end the round trips of that kind after one, and leave no keepalive to advise", () =>
    Effect.gen(function* () {
      const { report } = yield* run({ ignores: ["messages"] })
      const { frames, messages } = factsOf(report, "ping")
      assert.strictEqual(frames.answered, 10)
      assert.deepStrictEqual([messages?.sent, messages?.answered, messages?.maxMs], [1, 0, null])
      assert.strictEqual(stepOf(report, "ping").status, "warning")
      assert.strictEqual(report.outcome, "healthy")
      assert.isNull(report.advice.keepalive)
      assert.include(problems(report), "does not answer the protocol's ping messages")
      assert.include(problems(report), "keepalive: false")
    })
  )

  it.effect("matter less where the server makes itself heard", () =>
    Effect.gen(function* () {
      const { report } = yield* run({ ignores: ["messages"], pingFrames: 12_000 })
      assert.strictEqual(report.advice.keepalive?.commandLine, "--keepalive 18s/12s")
    })
  )

  it.effect("take no longer than twice the timeout, slow as the answers may be", () =>
    Effect.gen(function* () {
      const { report } = yield* run({ roundTrip: 4000 })
      assert.strictEqual(factsOf(report, "ping").messages?.answered, 3)
      assert.strictEqual(report.advice.keepalive?.timeoutMs, 40_000)
      assert.include(notes(report), "The round trip is long")
    })
  )
})

describe.concurrent("the legacy protocol", () => {
  it.effect("is spoken as far as ka, told, and asked by ping frames", () =>
    Effect.gen(function* () {
      const { received, report } = yield* run({ subprotocol: "graphql-ws", keepAlives: 4000 })
      assert.strictEqual(report.outcome, "healthy")
      assert.strictEqual(stepOf(report, "upgrade").status, "warning")
      assert.isNull(factsOf(report, "ping").messages)
      assert.strictEqual(factsOf(report, "ping").frames.answered, 10)
      assert.strictEqual(factsOf(report, "listen").keepAlives?.periodMs, 4000)
      assert.deepStrictEqual(received, ['{"type":"connection_init"}'])
      assert.include(notes(report), "--transport legacy")
      assert.strictEqual(report.advice.keepalive?.commandLine, "--keepalive 20s/3s")
    })
  )

  it.effect("is no cause for a warning to who asks for it", () =>
    Effect.gen(function* () {
      const { report, upgrades } = yield* run(
        { subprotocol: "graphql-ws" },
        { transport: "legacy" }
      )
      assert.strictEqual(stepOf(report, "upgrade").status, "ok")
      assert.deepStrictEqual(upgrades[0]?.subprotocols, ["graphql-ws"])
    })
  )

  it.effect("is not taken for that of today, where that alone was offered", () =>
    Effect.gen(function* () {
      const { report } = yield* run({ subprotocol: "graphql-ws" }, { transport: "ws" })
      assert.strictEqual(stepOf(report, "upgrade").status, "failed")
      assert.include(problems(report), "only from what is offered: graphql-transport-ws.")
      // As with the client.
      const silent = yield* run({ subprotocol: "" }, { transport: "ws" })
      assert.strictEqual(silent.report.outcome, "healthy")
    })
  )
})

describe.concurrent("--probe", () => {
  const probe = { probeLimit: 60_000 }

  it.effect("tells how an unknown message is treated", () =>
    Effect.gen(function* () {
      const closed = yield* run({ unknown: "close" }, probe)
      assert.deepStrictEqual(factsOf(closed.report, "unknownMessage"), {
        treatment: "closed",
        ...{ closeCode: 4400, reason: "Invalid message", afterMs: 40 }
      })
      const answered = yield* run({ unknown: "answer" }, probe)
      assert.strictEqual(factsOf(answered.report, "unknownMessage").treatment, "answered")
      // What it says anyway is no answer.
      const ignored = yield* run({ unknown: "ignore", pingMessages: 500 }, probe)
      assert.strictEqual(factsOf(ignored.report, "unknownMessage").treatment, "ignored")
      assert.include(notes(ignored.report), "unknown type is ignored")
    })
  )

  it.effect("tells after how long a client is dropped that does not answer a ping", () =>
    Effect.gen(function* () {
      for (const rules of [{ pingMessages: 12_000 }, { pingFrames: 12_000 }]) {
        const { report } = yield* run({ ...rules, patience: 10_000 }, probe)
        const facts = factsOf(report, "unansweredPing")
        assert.strictEqual(facts.treatment, "cut")
        assert.approximately(facts.afterMs!, 10_000, 100)
        assert.strictEqual(report.outcome, "healthy")
      }
    })
  )

  it.effect("tells that it is kept, or that the server did not ping", () =>
    Effect.gen(function* () {
      const kept = yield* run({ pingFrames: 12_000 }, probe)
      const facts = factsOf(kept.report, "unansweredPing")
      assert.strictEqual(facts.treatment, "kept")
      assert.strictEqual(facts.afterMs, 48_000)
      const { report } = yield* run({}, probe)
      assert.strictEqual(factsOf(report, "unansweredPing").treatment, "noPing")
    })
  )
})

describe.concurrent("--idle-probe", () => {
  const idle = { idleLimit: 300_000 }

  it.effect("bounds a cut without a word from both sides", () =>
    Effect.gen(function* () {
      const { report } = yield* run({ idle: { after: 75_000, how: "silence" } }, idle)
      const facts = factsOf(report, "idle")
      assert.strictEqual(facts.survivedMs, 60_000)
      assert.deepStrictEqual(facts.cut, { afterMs: 120_000, exact: false, how: "no answer" })
      assert.deepStrictEqual(
        facts.rungs.map(({ idleMs, result }) => [idleMs / 1000, result]),
        [
          ...[[15, "survived"] as const, [30, "survived"], [60, "survived"], [120, "silent"]],
          ...[[240, "notNeeded"] as const, [300, "notNeeded"]]
        ]
      )
      assert.strictEqual(stepOf(report, "idle").status, "warning")
      assert.include(notes(report), "between 1 min and 2 min")
      // The first connection was kept busy meanwhile.
      assert.strictEqual(stepOf(report, "close").status, "ok")
    })
  )

  it.effect("tells when a cut that can be seen was made, and advises half of that", () =>
    Effect.gen(function* () {
      const { report } = yield* run({ idle: { after: 25_000, how: "FIN" } }, idle)
      const { cut, survivedMs } = factsOf(report, "idle")
      assert.strictEqual(survivedMs, 15_000)
      assert.isTrue(cut?.exact)
      assert.strictEqual(cut?.how, "FIN")
      assert.approximately(cut.afterMs, 25_000, 100)
      assert.strictEqual(report.advice.keepalive?.commandLine, "--keepalive 12s/3s")
    })
  )

  it.effect("tells the same of a cut at the very moment at which one is pinged", () =>
    Effect.gen(function* () {
      const { report } = yield* run({ idle: { after: 60_000, how: "FIN" } }, idle)
      const { cut, survivedMs } = factsOf(report, "idle")
      assert.strictEqual(survivedMs, 30_000)
      assert.deepStrictEqual(cut, { afterMs: 60_000, exact: true, how: "FIN" })
    })
  )

  it.effect("says that nobody cuts", () =>
    Effect.gen(function* () {
      const { report } = yield* run({}, idle)
      const facts = factsOf(report, "idle")
      assert.strictEqual(facts.survivedMs, 300_000)
      assert.isNull(facts.cut)
      assert.isFalse(facts.disturbed)
      assert.include(notes(report), "Nobody cuts a connection that is silent for 5 min.")
    })
  )

  it.effect("says that the server's pings broke the silence, and answers them", () =>
    Effect.gen(function* () {
      const rules = { pingMessages: 20_000, patience: 5000 }
      const { report } = yield* run({ ...rules, idle: { after: 40_000, how: "FIN" } }, idle)
      const facts = factsOf(report, "idle")
      assert.isTrue(facts.disturbed)
      assert.strictEqual(facts.survivedMs, 300_000)
      assert.include(notes(report), "seen up to 15 s only")
    })
  )
})

describe.concurrent("a failure", () => {
  const notReached = (report: Parameters<typeof statuses>[0]) =>
    Object.values(statuses(report)).filter((status) => status === "notReached").length

  it.effect("of a resolver that never answers ends the diagnosis at its limit", () =>
    Effect.gen(function* () {
      const { report } = yield* run({ addresses: "never" })
      assert.deepStrictEqual(stepOf(report, "dns"), {
        ...{ step: "dns", status: "failed", ms: 10_000 },
        failure: { kind: "network", code: "TIMEOUT", message: "nothing within 10 s" }
      })
      assert.strictEqual(notReached(report), 11)
      assert.strictEqual(report.outcome, "network")
      assert.isNull(report.advice.keepalive)
      assert.include(problems(report), "No name server answers")
    })
  )

  it.effect("of one address is no failure of the next", () =>
    Effect.gen(function* () {
      const { report } = yield* run({ addresses: ["::1", "10.0.0.1"], refusing: ["::1"] })
      assert.deepStrictEqual(factsOf(report, "tcp"), {
        ...{ address: "10.0.0.1", port: 80 },
        failed: [{ address: "::1", code: "ECONNREFUSED" }]
      })
      assert.strictEqual(stepOf(report, "tcp").status, "warning")
    })
  )

  it.effect("to acknowledge asks for the payload", () =>
    Effect.gen(function* () {
      const { report } = yield* run({ ack: "never" })
      const step = stepOf(report, "ack")
      assert("failure" in step)
      assert.strictEqual(step.ms, 10_000)
      assert.strictEqual(notReached(report), 7)
      assert.include(problems(report), "--payload")
    })
  )

  it.effect("is explained by its close code", () =>
    Effect.gen(function* () {
      const { report } = yield* run({ refusal: { code: 4403, reason: "Forbidden" } })
      const step = stepOf(report, "ack")
      assert("failure" in step)
      assert.strictEqual(step.failure.code, "4403")
      assert.match(step.failure.message, /^closed with 4403 \(Forbidden: .*“Forbidden”$/)
      assert.strictEqual(report.outcome, "network")
      assert.include(problems(report), "credentials")
    })
  )

  it.effect("while listening is one too", () =>
    Effect.gen(function* () {
      const { report } = yield* run({ age: 9000 })
      const step = stepOf(report, "listen")
      assert("failure" in step)
      assert.strictEqual(step.failure.code, "FIN")
      assert.strictEqual(stepOf(report, "close").status, "notReached")
      // The last answer came after 1.3 s.
      assert.include(problems(report), "Nothing had arrived for 7.70 s")
    })
  )

  it.effect("is not what becomes of a connection that is not used for a while", () =>
    Effect.gen(function* () {
      const { report } = yield* run({ idle: { after: 11_000, how: "FIN" } }, { listen: 60_000 })
      assert.strictEqual(report.outcome, "healthy")
    })
  )

  it.effect("to choose a subprotocol is the protocol's", () =>
    Effect.gen(function* () {
      const { report } = yield* run({ subprotocol: "" })
      assert.strictEqual(report.outcome, "protocol")
      assert.include(problems(report), "Sec-WebSocket-Protocol")
    })
  )

  it.effect("to answer the close frame is none", () =>
    Effect.gen(function* () {
      const { report } = yield* run({ ignores: ["close"] })
      assert.strictEqual(stepOf(report, "close").status, "warning")
      assert.deepStrictEqual(factsOf(report, "close"), {
        ...{ closeFrameMs: null, closeCode: null, tcpEndMs: null }
      })
      assert.strictEqual(report.outcome, "healthy")
    })
  )
})

describe.concurrent("what was told in confidence", () => {
  const token = "hunter22"

  it.effect("is not in the report, whoever says it", () =>
    Effect.gen(function* () {
      const secretive = `ws://user:${token}-password@example.com/graphql?key=${token}-key`
      const basic = btoa(`user:${token}-password`)
      const { received, report } = yield* run(
        {
          headers: {
            "x-echo": `Bearer ${token}`,
            [`x-${token}`]: `${token}-key and ${basic}`,
            "set-cookie": "session=another"
          },
          ack: { payload: { echo: [token], accessToken: "another", deep: { [token]: 1 } } },
          unknown: "close"
        },
        { token, probeLimit: 20_000 },
        secretive
      )
      const text = JSON.stringify(report)
      assert.notInclude(text, token)
      assert.notInclude(text, basic)
      assert.notInclude(text, "another")
      assert.include(text, "<redacted>")
      // It was sent.
      assert.include(received[0], token)
    })
  )

  it.effect("nor in a failure", () =>
    Effect.gen(function* () {
      const closed = yield* run({ refusal: { code: 4403, reason: `not ${token}` } }, { token })
      assert.notInclude(JSON.stringify(closed.report), token)
      const redirect = Effect.fail(
        new UpgradeRefused({
          status: 302,
          headers: { location: `https://elsewhere.example/${token}?next=${token}` }
        })
      )
      const { report } = yield* run({ upgrade: redirect }, { token })
      assert.notInclude(JSON.stringify(report), token)
      assert.include(JSON.stringify(report), "https://elsewhere.example/")
    })
  )
})
