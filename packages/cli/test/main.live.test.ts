/** The command as a process of its own: its output, its signals, its exit code, and that it ends by itself. */
import { assert, beforeAll, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Http from "node:http"
import { fileURLToPath } from "node:url"
import { listen } from "../src/demo/loopback.js"
import * as Server from "../src/demo/server.js"
import { acknowledging, echo } from "./support/endpoints.js"
import { build, run, runIn, shell, start, startIn } from "./support/process.js"
import { yoga } from "./support/yoga.js"

// Each process takes its seconds to start where the machine is busy.
vi.setConfig({ testTimeout: 90_000 })

beforeAll(build, 60_000)

const local = Effect.map(Server.make, ({ port }) => `ws://127.0.0.1:${port}${Server.path}`)

const self = fileURLToPath(import.meta.url)

const forever = "subscription { events { number } }"

describe("the process", () => {
  it.scopedLive("queries and mutates", () =>
    Effect.gen(function* () {
      const { url } = yield* yoga
      assert.deepStrictEqual(yield* run("query", url, "{ hello }"), {
        exitCode: 0,
        out: '{"data":{"hello":"hello you"}}\n',
        err: ""
      })
      const mutated = yield* runIn(
        { stdin: "mutation ($a: Int!) { add(a: $a, b: 1) }" },
        ...["mutate", "-V", "a:1", url, "--output", "data"]
      )
      assert.deepStrictEqual(mutated, { exitCode: 0, out: '{"add":2}\n', err: "" })
    })
  )

  it.scopedLive("subscribes, and ends after as many results as are wanted", () =>
    Effect.gen(function* () {
      const args = ["subscribe", yield* local, forever, "--count", "2"]
      const { err, exitCode, out } = yield* run(...args)
      assert.strictEqual(exitCode, 0)
      assert.strictEqual(
        out,
        '{"data":{"events":{"number":1}}}\n{"data":{"events":{"number":2}}}\n'
      )
      assert.strictEqual(err, "✓ connected\n✓ the subscription ended after 2 results\n")
    })
  )

  it.scopedLive("says by its exit code how it ended", () =>
    Effect.gen(function* () {
      const { url } = yield* yoga
      const nonsense = yield* listen(Http.createServer((_, response) => response.end("nonsense")))
      const ends: ReadonlyArray<readonly [exitCode: number, args: ReadonlyArray<string>]> = [
        [1, ["query", url, "{ fail }"]],
        [2, ["query", url, "{"]],
        [3, ["query", "http://127.0.0.1:1/", "{ a }"]],
        [4, ["query", `http://127.0.0.1:${nonsense}/`, "{ a }"]]
      ]
      for (const [expected, args] of ends) {
        const { err, exitCode } = yield* run(...args)
        assert.strictEqual(exitCode, expected, err)
        assert.match(err, /^✗ /)
        // Nothing of what a terminal would show.
        assert.notInclude(err, "\u001b")
      }
    })
  )

  it.scopedLive("shows no secret, whatever goes wrong", () =>
    Effect.gen(function* () {
      const token = "hunter22"
      const { url } = yield* echo
      const refusing = yield* acknowledging((socket) => socket.close(4403, `no ${token}`))
      const secrets = [
        ...["-H", "Authorization: Bearer ${TOKEN}"],
        ...["--payload", '{"token":"${TOKEN}"}', "--retry", "none"]
      ]
      const env = { TOKEN: token }
      const runs = [
        yield* runIn({ env }, "subscribe", url, "subscription { refuse }", ...secrets),
        yield* runIn({ env }, "subscribe", refusing.url, "subscription { a }", ...secrets),
        yield* runIn({ env }, "query", url, "-H", "Authorization:", token)
      ]
      assert.deepStrictEqual(
        runs.map(({ exitCode }) => exitCode),
        [1, 3, 2]
      )
      assert.notInclude(runs.map(({ err, out }) => out + err).join("\n"), token)
    })
  )

  it.scopedLive("runs the demo, with one line of JSON and nothing else", () =>
    Effect.gen(function* () {
      const { err, exitCode, out } = yield* run("demo", "--json")
      assert.strictEqual(exitCode, 0)
      assert.strictEqual(err, "")
      assert.match(out, /^\{.*\}\n$/)
      assert.doesNotThrow(() => JSON.parse(out))
    })
  )

  const signals = [
    ["SIGINT", 130],
    ["SIGTERM", 143]
  ] as const
  for (const [signal, expected] of signals) {
    it.scopedLive(`closes on ${signal} and exits with ${expected}`, () =>
      Effect.gen(function* () {
        const { awaitOutput, child, err, exitCode } = yield* start(
          "subscribe",
          yield* local,
          forever
        )
        yield* awaitOutput('"number":2')
        child.kill(signal)
        // A second one, as of somebody impatient, does not cut the closing short.
        child.kill(signal)
        assert.strictEqual(yield* exitCode, expected)
        assert.match(err(), /^✓ connected\n· interrupted after \d results; closed in \d+\.\d ms\n$/)
      })
    )
  }

  it.scopedLive("stops in the middle of the demo", () =>
    Effect.gen(function* () {
      const { awaitOutput, child, err, exitCode } = yield* start("demo")
      yield* awaitOutput("goes silent, and the client is closed")
      child.kill("SIGINT")
      assert.strictEqual(yield* exitCode, 130)
      assert.strictEqual(err(), "")
    })
  )

  it.scopedLive("says that it reads standard input where that takes long, and stops", () =>
    Effect.gen(function* () {
      const { awaitError, child, exitCode } = yield* startIn(
        { stdin: null },
        ...["query", "http://127.0.0.1:1/"]
      )
      yield* awaitError("· reading the document from standard input")
      child.kill("SIGINT")
      assert.strictEqual(yield* exitCode, 130)
    })
  )

  it.scopedLive("stops when nobody reads it any more", () =>
    Effect.gen(function* () {
      const { exitCode, out } = yield* shell(
        `fiberline subscribe ${yield* local} '${forever}' --quiet | head -1; echo "\${PIPESTATUS[0]}"`
      )
      assert.strictEqual(yield* exitCode, 0)
      assert.strictEqual(out(), '{"data":{"events":{"number":1}}}\n141\n')
    })
  )

  it.scopedLive("that is not read holds its server back, and stops all the same", () =>
    Effect.gen(function* () {
      const size = 100_000
      let sent = 0
      const { url } = yield* acknowledging((socket) => {
        socket.on("message", (frame) => {
          const { id, type } = JSON.parse(String(frame))
          if (type !== "subscribe") return
          const next = JSON.stringify({ type: "next", id, payload: { data: "x".repeat(size) } })
          const send = (): void => {
            sent++
            socket.send(next, (error) => {
              if (!error) setImmediate(send)
            })
          }
          send()
        })
      })
      const { child, err, exited } = yield* start("subscribe", url, "subscription { a }")
      child.stdout?.pause()
      // Until a second has gone by without progress.
      for (let before = -1; sent === 0 || sent !== before;) {
        before = sent
        yield* Effect.sleep("1 second")
        assert.isBelow(sent * size, 200_000_000, "the server is never held back")
      }
      child.kill("SIGINT")
      assert.strictEqual(yield* exited, 130)
      assert.include(err(), "✓ connected")
    })
  )

  it.scopedLive("stops though nobody reads what it says of it", () =>
    Effect.gen(function* () {
      const { url } = yield* acknowledging((socket) => {
        socket.on("message", (frame) => {
          const { id, type } = JSON.parse(String(frame))
          if (type !== "subscribe") return
          // More than a pipe holds.
          const errors = [{ message: "x".repeat(1_000_000) }]
          socket.send(JSON.stringify({ type: "next", id, payload: { errors } }))
        })
      })
      const { awaitOutput, child, exited } = yield* start("subscribe", url, "subscription { a }")
      child.stderr?.pause()
      yield* awaitOutput("\n")
      yield* Effect.sleep("200 millis")
      child.kill("SIGINT")
      assert.strictEqual(yield* exited, 130)
    })
  )
})

describe("completion", () => {
  it.scopedLive("works in bash", () =>
    Effect.gen(function* () {
      // What bash offers after these words.
      const offers: ReadonlyArray<readonly [offered: string, ...words: ReadonlyArray<string>]> = [
        ["subscribe", "su"],
        ["--transport", "query", "--tr"],
        ["multipart", "query", "--transport", "m"],
        ["pretty", "query", "--output", "=", "p"],
        ["", "query", "url", "--header", ""],
        [self, "validate", self.slice(0, -1)],
        ["zsh", "--completions", "z"]
      ]
      const tries = offers.map(([, ...words]) => {
        const quoted = ["fiberline", ...words].map((word) => `'${word}'`).join(" ")
        return `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; _fiberline; echo "\${COMPREPLY[@]}"`
      })
      const { err, exitCode, out } = yield* shell(
        `source <(fiberline --completions bash) && complete -p fiberline && { ${tries.join("; ")}; }`
      )
      assert.strictEqual(yield* exitCode, 0)
      assert.strictEqual(err(), "")
      const [registered, ...offered] = out().trimEnd().split("\n")
      assert.strictEqual(registered, "complete -o filenames -F _fiberline fiberline")
      assert.deepStrictEqual(
        offered,
        offers.map(([offered]) => offered)
      )
    })
  )
})
