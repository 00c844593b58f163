/** What a person gets to see. */
import { assert, describe, it } from "@effect/vitest"
import { parse } from "../../src/doctor/endpoint.js"
import * as Render from "../../src/doctor/render.js"
import type { Step } from "../../src/doctor/report.js"

const escape = String.fromCharCode(27)

const steps: ReadonlyArray<Step> = [
  {
    ...{ step: "dns", status: "ok", ms: 1.25 },
    facts: { host: "example.com", addresses: ["10.0.0.1", "::1"] }
  },
  {
    ...{ step: "upgrade", status: "ok", ms: 12_345 },
    facts: {
      ...{
        status: 101,
        protocol: "graphql-transport-ws",
        subprotocol: "graphql-transport-ws",
        compression: true
      },
      headers: { upgrade: "websocket", server: `a${escape}[2Jb\u009bc` }
    }
  },
  {
    ...{ step: "ack", status: "failed", ms: 999.96 },
    failure: { kind: "network", code: "4403", message: "closed with 4403" }
  },
  { step: "ping", status: "notReached", why: "an earlier step failed" }
]

describe("a step", () => {
  it("is a line in columns, its details below, with nothing that a terminal would obey", () => {
    const render = Render.make(false)
    assert.deepStrictEqual(steps.flatMap(render.step), [
      "✓ DNS                1.3 ms  example.com is 10.0.0.1, ::1",
      "✓ Upgrade            12.3 s  101, graphql-transport-ws, permessage-deflate",
      "                             server: a\\u001b[2Jb\\u009bc",
      "✗ Acknowledged       1.00 s  closed with 4403",
      "– Round trip                 not reached"
    ])
  })

  it("has colours where somebody sees them", () => {
    const [first = ""] = Render.make(true).step(steps[0]!)
    assert.isTrue(first.startsWith(`${escape}[32m✓${escape}[39m DNS`))
    const plain = steps.flatMap(Render.make(false).step).join("")
    assert.notInclude(plain, escape)
  })
})

describe("the end", () => {
  it("says how it went, and how to go on", () => {
    const lines = Render.make(false).conclusion("protocol", {
      keepalive: {
        ...{ intervalMs: 20_000, timeoutMs: 3000, boundMs: 23_000 },
        ...{ why: ["because"], options: "options", commandLine: "--keepalive 20s/3s" }
      },
      notes: [{ level: "problem", text: "mend it" }]
    })
    assert.deepStrictEqual(lines, [
      ...["", "Not healthy: a protocol failure.", "! mend it", ""],
      "Keepalive: a ping after 20 s of silence, 3 s for an answer.",
      "A dead link is noticed within 23 s of the last byte received.",
      ...["  because", "  options", "  --keepalive 20s/3s"]
    ])
  })
})

describe("an endpoint", () => {
  it("is shown without what may be secret, and taken for a WebSocket's", () => {
    const endpoint = parse("https://me:pass@[::1]:8443/graphql?token=abc#there")!
    assert.strictEqual(endpoint.shown, "wss://[::1]:8443/graphql")
    assert.strictEqual(endpoint.askedFor, "https://[::1]:8443/graphql")
    assert.strictEqual(endpoint.host, "::1")
    assert.strictEqual(endpoint.port, 8443)
    assert.isTrue(endpoint.isSecure)
    assert.strictEqual(endpoint.url.search, "?token=abc")
    assert.include(endpoint.secrets, "abc")
    assert.strictEqual(parse("wss://example.com")?.port, 443)
    assert.isUndefined(parse("ftp://example.com"))
    assert.isUndefined(parse("example.com/graphql"))
  })
})
