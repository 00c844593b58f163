/** Failures in words: that each is told from the others, and none goes without advice. */
import { assert, describe, it } from "@effect/vitest"
import { parse } from "../../src/doctor/endpoint.js"
import { type Circumstances, explain } from "../../src/doctor/explain.js"
import {
  ConnectionEnded,
  ConnectionRefused,
  type ProbeFailure,
  ServerDisconnected,
  SystemFailure,
  TimedOut,
  UpgradeRefused
} from "../../src/doctor/failure.js"
import type { StepName } from "../../src/doctor/report.js"

const said = (
  failure: ProbeFailure,
  step: StepName,
  {
    hasHeaders = false,
    hasPayload = false,
    transport = "auto",
    url = "wss://example.com/graphql"
  }: Partial<Pick<Circumstances, "hasHeaders" | "hasPayload" | "transport">> & {
    readonly url?: string
  } = {}
) => {
  const { advice, failure: what } = explain(failure, {
    ...{ step, hasHeaders, hasPayload, transport, now: 0, hide: (value) => value },
    endpoint: parse(url)!
  })
  return { ...what, advice: advice.join("\n") }
}

const ended = (code: number) =>
  new ConnectionEnded({
    end: {
      _tag: "End",
      at: 1,
      code,
      reason: "",
      closeFrameAt: code === 1006 ? undefined : 1,
      how: "FIN"
    }
  })

describe("a failure in words", () => {
  it("knows what the system's errors mean where they happened", () => {
    const cases = [
      ["dns", "ENOTFOUND", "spelt"],
      ["dns", "EAI_AGAIN", "name servers"],
      ["tcp", "ECONNREFUSED", "running"],
      ["tcp", "EHOSTUNREACH", "firewall"],
      ["tls", "ECONNRESET", "may not speak TLS"],
      ["upgrade", "ECONNRESET", "proxy without WebSockets"],
      ["tls", "ERR_SSL_WRONG_VERSION_NUMBER", "does not speak TLS"],
      ["tls", "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL", "HTTP/2 only"],
      ["upgrade", "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "certificate of the client's"]
    ] as const
    for (const [step, code, advice] of cases) {
      const what = said(new SystemFailure({ code, detail: "failed" }), step)
      assert.strictEqual(what.code, code)
      assert.strictEqual(what.kind, "network")
      assert.include(what.message, code)
      assert.include(what.advice, advice)
    }
  })

  it("has another guess for each step in which nothing comes", () => {
    const steps = ["dns", "tcp", "tls", "upgrade", "ack"] as const
    const advice = steps.map((step) => said(new TimedOut({ limitMs: 10_000 }), step).advice)
    assert.strictEqual(new Set(advice).size, steps.length)
    const plain = { url: "ws://example.com/" }
    assert.include(
      said(new TimedOut({ limitMs: 1 }), "upgrade", plain).advice,
      "wss: instead of ws:"
    )
  })

  it("knows whether there were credentials already", () => {
    const refused = new UpgradeRefused({ status: 401, headers: {} })
    assert.include(said(refused, "upgrade").advice, "-H 'Authorization")
    assert.include(said(refused, "upgrade", { hasHeaders: true }).advice, "expired")
    assert.include(said(ended(4403), "ack").advice, "wants credentials")
    assert.include(said(ended(4403), "ack", { hasPayload: true }).advice, "does not accept")
  })

  it("has advice for every status and every close code", () => {
    for (let status = 200; status < 600; status++) {
      const what = said(new UpgradeRefused({ status, headers: {} }), "upgrade")
      assert.isNotEmpty(what.advice)
      assert.isTrue(what.message.startsWith(`HTTP ${status}, `))
    }
    for (const code of [1000, 1006, 1011, 1012, 4400, 4401, 4406, 4408, 4429, 4999]) {
      for (const step of ["ack", "listen"] as const) {
        assert.isNotEmpty(said(ended(code), step).advice)
      }
    }
    assert.strictEqual(said(ended(4406), "ack").code, "4406")
    assert.strictEqual(said(ended(1006), "ack").code, "FIN")
  })

  it("knows how each protocol refuses, and where it looks for credentials", () => {
    const refused = new ConnectionRefused({ payload: { message: "no" } })
    const status = (status: number) => new UpgradeRefused({ status, headers: {} })
    const cases = [
      ["auto", "connection_error", "--payload", "connection_init", "/graphql"],
      ["phoenix", "phx_reply", "join", "connect/3", "/socket/websocket"],
      ["phoenix-v1", "phx_reply", "join", "connect/3", "/socket/websocket"],
      ["actioncable", "disconnect", "Cookie", "cookies", "/cable"],
      ["appsync", "connection_error", "AppSync refuses", "AppSync refuses", "appsync-api"]
    ] as const
    for (const [transport, code, afterRefusal, credentials, path] of cases) {
      const { advice, code: found, kind } = said(refused, "ack", { transport })
      assert.deepStrictEqual([kind, found], ["network", code])
      assert.include(advice, afterRefusal)
      assert.include(said(status(403), "upgrade", { transport }).advice, credentials)
      assert.include(said(status(404), "upgrade", { transport }).advice, path)
      assert.isNotEmpty(said(new TimedOut({ limitMs: 1 }), "ack", { transport }).advice)
    }
    assert.include(said(refused, "ack", { transport: "phoenix" }).message, "phx_reply: no")
  })

  it("knows a server that says that it serves the connection no longer", () => {
    const { advice, kind, message } = said(new ServerDisconnected({ detail: "restart" }), "listen")
    assert.strictEqual(kind, "network")
    assert.include(message, "no longer: restart")
    assert.isNotEmpty(advice)
  })
})
