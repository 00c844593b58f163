/** The command in a real terminal: what it shows there and nowhere else, and Ctrl-C as it is typed. */
import { assert, beforeAll, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Http from "node:http"
import { listen } from "../src/demo/loopback.js"
import * as Relay from "../src/demo/relay.js"
import * as Server from "../src/demo/server.js"
import { build, requireTerminal, run, terminal } from "./support/process.js"

// Each process takes its seconds to start where the machine is busy.
vi.setConfig({ testTimeout: 90_000 })

beforeAll(() => {
  requireTerminal()
  build()
}, 60_000)

const spinner = /[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/

/** Takes its time to answer. */
const slow = Effect.gen(function* () {
  const server = Http.createServer((_, response) => {
    setTimeout(() => {
      response.setHeader("content-type", "application/json").end('{"data":{"a":"b"}}')
    }, 800)
  })
  return `http://127.0.0.1:${yield* listen(server)}/`
})

describe("in a terminal", () => {
  it.scopedLive("shows what it waits for, and then nothing of it", () =>
    Effect.gen(function* () {
      const url = yield* slow
      const { awaitOutput, exitCode, out } = yield* terminal(
        {},
        "query",
        url,
        "{ a }",
        "--output",
        "pretty"
      )
      yield* awaitOutput(`\u001b[39m waiting for ${url}`)
      assert.strictEqual(yield* exitCode, 0)
      assert.match(out(), spinner)
      // The line is cleared, and the result is in colours.
      const shown = out().slice(out().lastIndexOf("\u001b[K") + "\u001b[K".length)
      assert.strictEqual(
        shown.replaceAll("\r\n", "\n"),
        '{\n  \u001b[36m"data"\u001b[39m: {\n    \u001b[36m"a"\u001b[39m: \u001b[32m"b"\u001b[39m\n  }\n}\n'
      )
    })
  )

  it.scopedLive("has no spinner and no colours for whoever reads a pipe", () =>
    Effect.gen(function* () {
      const { err, exitCode, out } = yield* run("query", yield* slow, "{ a }", "--output", "pretty")
      assert.strictEqual(exitCode, 0)
      assert.strictEqual(err, "")
      assert.strictEqual(out, '{\n  "data": {\n    "a": "b"\n  }\n}\n')
    })
  )

  it.scopedLive("has no colours where they are not wanted, and nothing at all in a dumb one", () =>
    Effect.gen(function* () {
      const url = yield* slow
      const plain = yield* terminal({ NO_COLOR: "1" }, "query", url, "{ a }", "--output", "pretty")
      assert.strictEqual(yield* plain.exitCode, 0)
      assert.match(plain.out(), spinner)
      // What clears the line is no colour.
      assert.notInclude(plain.out().replaceAll("\u001b[K", ""), "\u001b")

      const dumb = yield* terminal({ TERM: "dumb" }, "query", url, "{ a }", "--output", "pretty")
      assert.strictEqual(yield* dumb.exitCode, 0)
      assert.notInclude(dumb.out(), "\u001b")
      assert.notMatch(dumb.out(), spinner)
    })
  )

  it.scopedLive("ends with 130 on Ctrl-C, having closed", () =>
    Effect.gen(function* () {
      const { port } = yield* Server.make
      const { awaitOutput, child, exitCode, out } = yield* terminal(
        {},
        ...[
          "subscribe",
          `ws://127.0.0.1:${port}${Server.path}`,
          "subscription { events { number } }"
        ]
      )
      yield* awaitOutput("connected")
      yield* awaitOutput('"number":2')
      child.stdin?.write("\u0003")
      assert.strictEqual(yield* exitCode, 130)
      assert.match(out(), /interrupted after \d results; closed in \d+\.\d ms/)
    })
  )

  it.scopedLive("ends with 130 on Ctrl-C while it waits, and leaves the line clean", () =>
    Effect.gen(function* () {
      const relay = yield* Relay.make(1)
      yield* relay.goSilent
      const url = `ws://127.0.0.1:${relay.port}/`
      const { awaitOutput, child, exitCode, out } = yield* terminal(
        {},
        ...["subscribe", url, "subscription { a }"]
      )
      yield* awaitOutput(`connecting to ${url}`)
      child.stdin?.write("\u0003")
      assert.strictEqual(yield* exitCode, 130)
      const last = out().slice(out().lastIndexOf("\u001b[K"))
      assert.notMatch(last, spinner)
      assert.include(last, "interrupted after 0 results")
    })
  )

  it.scopedLive("asks for a document rather than wait for it to be typed", () =>
    Effect.gen(function* () {
      const { exitCode, out } = yield* terminal({}, "query", "http://127.0.0.1:1/")
      assert.strictEqual(yield* exitCode, 2)
      assert.include(out(), "there is no document")
      const typed = yield* terminal({}, "query", "http://127.0.0.1:1/", "-")
      typed.child.stdin?.write("{ a }\n\u0004")
      assert.strictEqual(yield* typed.exitCode, 3)
    })
  )
})
