/** The diagnosis of real servers on this machine. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { diagnose } from "../../src/doctor/diagnose.js"
import * as NodeProber from "../../src/doctor/nodeProber.js"
import type { Report, StepName } from "../../src/doctor/report.js"
import { selfSigned } from "./certificate.js"
import * as Servers from "./servers.js"
import { quiet } from "./quiet.js"
import { factsOf, notes, problems, settings, statuses, stepOf } from "./settings.js"

const run = (
  url: string,
  more: Parameters<typeof settings>[1] = {},
  ca: ReadonlyArray<string> = []
): Effect.Effect<Report> =>
  diagnose(settings(url, { timeout: 5000, listen: 1000, ...more })).pipe(
    Effect.provide([NodeProber.layer({ ca }), quiet])
  )

/** Failed at this step, with this code, and reached none after it. */
const assertFailed = (report: Report, step: StepName, code: string | RegExp): string => {
  const failed = stepOf(report, step)
  assert("failure" in failed, JSON.stringify(failed))
  if (typeof code === "string") assert.strictEqual(failed.failure.code, code)
  else assert.match(failed.failure.code, code)
  const after = report.steps.slice(report.steps.indexOf(failed) + 1)
  assert.isNotEmpty(after)
  for (const { status } of after) assert.strictEqual(status, "notReached")
  assert.isNull(report.advice.keepalive)
  return failed.failure.message
}

/** A server hears a moment later that its clients have left. */
const left = (clients: () => number) =>
  Effect.sync(clients).pipe(
    Effect.delay("20 millis"),
    Effect.repeat({ until: (count) => count === 0 }),
    Effect.timeout("5 seconds")
  )

describe.concurrent("graphql-ws", () => {
  it.scopedLive("is healthy, and drops who does not answer its pings", () =>
    Effect.gen(function* () {
      const { clients, url } = yield* Servers.graphql({
        ackPayload: () => ({ hello: "there" }),
        perMessageDeflate: true
      })
      const report = yield* run(url.replace("ws:", "http:").replace("127.0.0.1", "localhost"), {
        listen: 2500,
        probeLimit: 10_000
      })
      assert.strictEqual(report.outcome, "healthy", JSON.stringify(report))
      assert.deepStrictEqual(statuses(report), {
        // A name may have an address more than the server.
        ...{ dns: "ok", tcp: statuses(report)["tcp"]!, tls: "skipped", upgrade: "ok", ack: "ok" },
        ...{ ping: "ok", listen: "ok", unknownMessage: "ok", unansweredPing: "ok" },
        ...{ idle: "skipped", close: "ok", http: "ok" }
      })
      assert.include(factsOf(report, "dns").addresses, "127.0.0.1")
      const upgrade = factsOf(report, "upgrade")
      assert.strictEqual(upgrade.subprotocol, "graphql-transport-ws")
      assert.isTrue(upgrade.compression)
      assert.deepStrictEqual(factsOf(report, "ack").payload, { hello: "there" })
      const { frames, messages } = factsOf(report, "ping")
      assert.deepStrictEqual([frames.answered, messages?.answered], [10, 10])
      const heard = factsOf(report, "listen").frames
      assert.isAtLeast(heard.count, 2)
      assert.approximately(heard.periodMs!, 1000, 600)
      const unknown = factsOf(report, "unknownMessage")
      assert.deepStrictEqual([unknown.treatment, unknown.closeCode], ["closed", 4400])
      const unanswered = factsOf(report, "unansweredPing")
      assert.strictEqual(unanswered.treatment, "cut")
      assert.approximately(unanswered.afterMs!, 1000, 700)
      const close = factsOf(report, "close")
      assert.strictEqual(close.closeCode, 1000)
      assert.isAtMost(close.closeFrameMs!, close.tcpEndMs!)
      assert.isTrue(factsOf(report, "http").graphql)
      yield* left(clients)
    })
  )

  it.scopedLive("is not healthy to TLS that nobody trusts, and says why", () =>
    Effect.gen(function* () {
      const tls = selfSigned()
      const { url } = yield* Servers.graphql({ tls })
      const untrusted = yield* run(url)
      assert.match(
        assertFailed(untrusted, "tls", "DEPTH_ZERO_SELF_SIGNED_CERT"),
        /somebody is signed by itself/
      )
      assert.include(problems(untrusted), "NODE_EXTRA_CA_CERTS")

      const { outcome, steps } = yield* run(url, {}, [tls.cert])
      assert.strictEqual(outcome, "healthy", JSON.stringify(steps))
    })
  )

  it.scopedLive("shows what is in a certificate", () =>
    Effect.gen(function* () {
      const tls = selfSigned({ to: 5 })
      const { url } = yield* Servers.graphql({ tls })
      const report = yield* run(url, {}, [tls.cert])
      const { certificate, protocol } = factsOf(report, "tls")
      assert.match(protocol, /^TLSv1\.[23]$/)
      assert.deepStrictEqual([certificate.subject, certificate.issuer], ["somebody", "somebody"])
      assert.deepStrictEqual(certificate.names, ["IP Address:127.0.0.1"])
      assert.include(problems(report), "The certificate expires on ")
    })
  )

  it.scopedLive("has a certificate that expired, or one for somebody else", () =>
    Effect.gen(function* () {
      const expired = selfSigned({ from: -9, to: -3 })
      const late = yield* Servers.graphql({ tls: expired })
      const report = yield* run(late.url, {}, [expired.cert])
      const day = new Date(Date.now() - 3 * 24 * 60 * 60 * 1000).toISOString().slice(0, 10)
      assert.include(assertFailed(report, "tls", "CERT_HAS_EXPIRED"), `expired on ${day}`)

      const other = selfSigned({ address: [10, 1, 2, 3] })
      const elsewhere = yield* Servers.graphql({ tls: other })
      const mismatch = yield* run(elsewhere.url, {}, [other.cert])
      assertFailed(mismatch, "tls", "ERR_TLS_CERT_ALTNAME_INVALID")
      assert.include(problems(mismatch), "IP Address:10.1.2.3")
    })
  )

  it.scopedLive("echoes secrets, which are not shown", () =>
    Effect.gen(function* () {
      const token = "hunter22"
      const { url } = yield* Servers.graphql({
        headers: ({ headers }) => [`x-echo: ${headers.authorization}`, "set-cookie: a=hunter33"],
        ackPayload: (request, params) => ({ echo: [request.headers.authorization, params] })
      })
      const report = yield* run(`${url}?key=hunter44`, { token })
      assert.strictEqual(report.outcome, "healthy")
      assert.strictEqual(factsOf(report, "upgrade").headers["set-cookie"], "<redacted>")
      assert.notInclude(JSON.stringify(report), "hunter")
      assert.include(JSON.stringify(factsOf(report, "ack")), "<redacted>")
    })
  )
})

describe.concurrent("idle time", () => {
  const idle = { idleFirst: 500, idleLimit: 3000, listen: 100 }

  it.scopedLive("is bounded by a relay that resets", () =>
    Effect.gen(function* () {
      const { port } = yield* Servers.graphql({ keepAlive: 60_000 })
      const { url } = yield* Servers.idleRelay(port, 1500, "reset")
      const report = yield* run(url, idle)
      const { cut, disturbed, survivedMs } = factsOf(report, "idle")
      assert.isFalse(disturbed)
      assert.strictEqual(survivedMs, 1000)
      assert.isTrue(cut?.exact)
      assert.strictEqual(cut?.how, "ECONNRESET")
      assert.approximately(cut.afterMs, 1500, 400)
      assert.strictEqual(
        report.advice.keepalive?.commandLine,
        `--keepalive ${Math.floor(cut.afterMs / 2)}ms/3s`
      )
    })
  )

  it.scopedLive("is bounded by a relay that forgets", () =>
    Effect.gen(function* () {
      const { port } = yield* Servers.graphql({ keepAlive: 60_000 })
      const { url } = yield* Servers.idleRelay(port, 1500, "forget")
      const report = yield* run(url, { ...idle, timeout: 1000 })
      const { cut, survivedMs } = factsOf(report, "idle")
      assert.strictEqual(survivedMs, 1000)
      assert.deepStrictEqual(cut, { afterMs: 2000, exact: false, how: "no answer" })
    })
  )
})

describe.concurrent("other servers", () => {
  it.scopedLive("speak the legacy protocol", () =>
    Effect.gen(function* () {
      const { url } = yield* Servers.webSocket("graphql-ws", (socket) => {
        socket.on("message", (text) => {
          if (JSON.parse(String(text)).type !== "connection_init") return
          socket.send('{"type":"connection_ack"}')
          socket.send('{"type":"ka"}')
          const timer = setInterval(() => socket.send('{"type":"ka"}'), 300)
          socket.on("close", () => clearInterval(timer))
        })
      })
      const report = yield* run(url)
      assert.strictEqual(report.outcome, "healthy")
      assert.strictEqual(factsOf(report, "upgrade").subprotocol, "graphql-ws")
      assert.isAtLeast(factsOf(report, "listen").keepAlives!.count, 3)
      assert.isNull(factsOf(report, "ping").messages)
      assert.strictEqual(factsOf(report, "ping").frames.answered, 10)
    })
  )

  it.scopedLive("refuse by a message, in either protocol", () =>
    Effect.gen(function* () {
      for (const subprotocol of ["graphql-transport-ws", "graphql-ws"] as const) {
        const { url } = yield* Servers.webSocket(subprotocol, (socket) => {
          socket.once("message", () => socket.send('{"type":"connection_error"}'))
        })
        const report = yield* run(url, { timeout: 2000 })
        assertFailed(report, "ack", "connection_error")
        assert.include(problems(report), "--payload")
      }
    })
  )

  it.scopedLive("ignore pings of either kind", () =>
    Effect.gen(function* () {
      const { url } = yield* Servers.webSocket(
        "graphql-transport-ws",
        (socket) => socket.once("message", () => socket.send('{"type":"connection_ack"}')),
        false
      )
      const report = yield* run(url, { timeout: 500 })
      const { frames, messages } = factsOf(report, "ping")
      assert.deepStrictEqual([frames.answered, messages?.answered], [0, 0])
      assert.include(problems(report), "Nothing answers a client's pings")
      assert.include(notes(report), "RFC 6455")
    })
  )

  it.scopedLive("never acknowledge", () =>
    Effect.gen(function* () {
      const { url } = yield* Servers.webSocket("graphql-transport-ws", () => {})
      const report = yield* run(url, { timeout: 500 })
      assert.include(assertFailed(report, "ack", "TIMEOUT"), "nothing within 500 ms")
      assert.include(problems(report), "--payload")
    })
  )

  it.scopedLive("send what is no message", () =>
    Effect.gen(function* () {
      const { url } = yield* Servers.webSocket("graphql-transport-ws", (socket) =>
        socket.send("hello")
      )
      const report = yield* run(url)
      assertFailed(report, "ack", "MESSAGE")
      assert.strictEqual(report.outcome, "protocol")
    })
  )

  it.scopedLive("choose no subprotocol, or one that was not offered", () =>
    Effect.gen(function* () {
      const none = yield* Servers.webSocket(false, () => {})
      assert.include(assertFailed(yield* run(none.url), "upgrade", "SUBPROTOCOL"), "no subprotocol")
      const other = yield* Servers.webSocket("mqtt", () => {})
      assert.include(assertFailed(yield* run(other.url), "upgrade", "SUBPROTOCOL"), "mqtt")
    })
  )

  it.scopedLive("close with a code that says why", () =>
    Effect.gen(function* () {
      const { url } = yield* Servers.webSocket("graphql-transport-ws", (socket) =>
        socket.once("message", () => socket.close(4401, "Unauthorized"))
      )
      assert.match(assertFailed(yield* run(url), "ack", "4401"), /^closed with 4401/)
    })
  )

  it.scopedLive("refuse the upgrade", () =>
    Effect.gen(function* () {
      const cases = [
        [401, { "www-authenticate": "Bearer" }, "-H 'Authorization: Bearer …'"],
        [200, { "content-type": "text/html" }, "does not know it as a WebSocket"],
        [302, { location: "https://example.com/login?to=a" }, "do not follow redirects"],
        [404, {}, "/subscriptions"],
        [426, { upgrade: "h2c" }, "h2c"],
        [503, {}, "gateway"]
      ] as const
      for (const [status, headers, advice] of cases) {
        const { url } = yield* Servers.http(status, headers)
        const report = yield* run(url)
        const message = assertFailed(report, "upgrade", String(status))
        assert.include(problems(report), advice)
        assert.strictEqual(report.outcome, "network")
        if (status === 302) assert.include(message, "https://example.com/login")
        if (status === 200) assert.include(message, "a web page")
      }
    })
  )

  it.scopedLive("accept TCP and say nothing, or hang up", () =>
    Effect.gen(function* () {
      const hole = yield* Servers.tcp(() => {})
      assertFailed(yield* run(hole.url, { timeout: 300 }), "upgrade", "TIMEOUT")
      const secure = yield* run(hole.url.replace("ws:", "wss:"), { timeout: 300 })
      assertFailed(secure, "tls", "TIMEOUT")
      const rude = yield* Servers.tcp((socket) => socket.end())
      assertFailed(yield* run(rude.url), "upgrade", "ECONNRESET")
    })
  )

  it.scopedLive("speak something else", () =>
    Effect.gen(function* () {
      const { url } = yield* Servers.tcp((socket) => socket.write("220 mail.example ESMTP\r\n"))
      const plain = yield* run(url)
      assertFailed(plain, "upgrade", "UPGRADE")
      assert.strictEqual(plain.outcome, "protocol")
      const tls = yield* run(url.replace("ws:", "wss:"))
      assertFailed(tls, "tls", /./)
      assert.include(problems(tls), "does not speak TLS")
      // Neither is it an upgrade if it does not say to what.
      const vague = yield* Servers.tcp((socket) =>
        socket.once("data", () => socket.end("HTTP/1.1 101 Switching Protocols\r\n\r\n"))
      )
      assertFailed(yield* run(vague.url), "upgrade", "UPGRADE")
    })
  )

  it.scopedLive("are not there", () =>
    Effect.gen(function* () {
      const { url } = yield* Effect.scoped(Servers.tcp(() => {}))
      const report = yield* run(url)
      assert.include(assertFailed(report, "tcp", "ECONNREFUSED"), "nothing listens")
      const nowhere = yield* run("ws://no-such-host.invalid/")
      // The second is a machine without a network.
      assertFailed(nowhere, "dns", /^(ENOTFOUND|EAI_AGAIN)$/)
    })
  )

  it.scopedLive("have a name that is not resolved in time", () =>
    Effect.gen(function* () {
      // It takes a process to ask, which takes longer than this.
      const report = yield* run("ws://localhost:1/", { timeout: 5 })
      assert.include(assertFailed(report, "dns", "TIMEOUT"), "nothing within 5 ms")
    })
  )

  it.scopedLive("hang up between two pings", () =>
    Effect.gen(function* () {
      const { url } = yield* Servers.webSocket("graphql-transport-ws", (socket) =>
        socket.once("message", () => {
          socket.send('{"type":"connection_ack"}')
          setTimeout(() => socket.terminate(), 100)
        })
      )
      assertFailed(yield* run(url), "ping", /^(FIN|ECONNRESET)$/)
    })
  )

  it.scopedLive("leave the close frame unanswered", () =>
    Effect.gen(function* () {
      const { url } = yield* Servers.webSocket("graphql-transport-ws", (socket) =>
        socket.once("message", () => {
          socket.send('{"type":"connection_ack"}')
          setTimeout(() => socket.pause(), 200)
        })
      )
      const report = yield* run(url, { timeout: 1000, listen: 300 })
      assert.isNull(factsOf(report, "close").closeFrameMs)
      assert.strictEqual(stepOf(report, "close").status, "warning")
    })
  )
})

describe.concurrent("an interrupted diagnosis", () => {
  it.scopedLive("leaves no connection behind", () =>
    Effect.gen(function* () {
      const { clients, url } = yield* Servers.graphql()
      const exit = yield* run(url, { listen: 20_000, idleLimit: 60_000 }).pipe(
        Effect.timeout("800 millis"),
        Effect.exit
      )
      assert(Exit.isFailure(exit))
      yield* left(clients)
    })
  )
})
