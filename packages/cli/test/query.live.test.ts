import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Server from "../src/demo/server.js"
import * as Http from "node:http"
import { listen } from "../src/demo/loopback.js"
import { capture, captureIn } from "./support/capture.js"
import { yoga } from "./support/yoga.js"

/** A server that gives every request this answer. */
const answering = (status: number, body: string, type = "application/json") =>
  Effect.map(
    listen(
      Http.createServer((_, response) =>
        response.writeHead(status, { "content-type": type }).end(body)
      )
    ),
    (port) => `http://127.0.0.1:${port}/`
  )

describe("fiberline query", () => {
  it.scopedLive("prints the result on a line", () =>
    Effect.gen(function* () {
      const { requests, url } = yield* yoga
      const { err, exitCode, out } = yield* capture(
        ...["query", url, "{ hello }", "-H", "X-Tenant: acme"]
      )
      assert.strictEqual(exitCode, 0)
      assert.deepStrictEqual(out, ['{"data":{"hello":"hello you"}}'])
      assert.deepStrictEqual(err, [])
      assert.strictEqual(requests[0]?.["x-tenant"], "acme")
    })
  )

  it.scopedLive("takes variables, a document from a pipe, and the name of an operation", () =>
    Effect.gen(function* () {
      const { url } = yield* yoga
      const stdin =
        "query Greet($name: String) { hello(name: $name) }\nquery Sum($n: [Int!]!) { sum(numbers: $n) }"
      const greeted = yield* captureIn({ stdin }, "query", url, "-o", "Greet", "-V", "name:Bob")
      assert.deepStrictEqual(greeted.out, ['{"data":{"hello":"hello Bob"}}'])
      const summed = yield* captureIn(
        { stdin },
        ...[
          "query",
          "--variables",
          '{"n":[1,2,3]}',
          url,
          "--operation-name=Sum",
          "--output",
          "data"
        ]
      )
      assert.deepStrictEqual(summed.out, ['{"sum":6}'])
    })
  )

  it.scopedLive("goes over a WebSocket at a ws: address, or where it is told to", () =>
    Effect.gen(function* () {
      const { port } = yield* Server.make
      for (const [scheme, ...args] of [["ws"], ["http", "--transport", "ws"]]) {
        const url = `${scheme}://127.0.0.1:${port}${Server.path}`
        const { exitCode, out } = yield* capture("query", url, "{ pace }", ...args)
        assert.strictEqual(exitCode, 0)
        assert.deepStrictEqual(out, ['{"data":{"pace":200}}'])
      }
    })
  )

  it.scopedLive("with errors prints all of it, says them in words, and ends with 1", () =>
    Effect.gen(function* () {
      const { url } = yield* yoga
      const { err, exitCode, out } = yield* captureIn(
        { env: { TOKEN: "hunter22" } },
        ...["query", url, "{ hello fail token }", "-H", "authorization: Bearer ${TOKEN}"]
      )
      assert.strictEqual(exitCode, 1)
      assert.deepStrictEqual(JSON.parse(out[0] ?? ""), {
        data: { hello: "hello you", fail: null, token: "<redacted>" },
        errors: [
          {
            message: "no access with <redacted>",
            locations: [{ line: 1, column: 9 }],
            path: ["fail"]
          }
        ]
      })
      assert.deepStrictEqual(err, ["✗ fail: no access with <redacted> (line 1, column 9)"])
    })
  )

  it.scopedLive("warns once of a credential that all can see, unless it is to be quiet", () =>
    Effect.gen(function* () {
      const { url } = yield* yoga
      const args = ["query", url, "{ hello }", "-H", "Authorization: Bearer hunter22"]
      const { err, exitCode } = yield* capture(...args)
      assert.strictEqual(exitCode, 0)
      assert.deepStrictEqual(err, [
        "! the header authorization can be seen by every process of this machine: '${NAME}' takes it " +
          "from the environment, @file from a file"
      ])
      assert.deepStrictEqual((yield* capture(...args, "-q")).err, [])
    })
  )

  it.live("ends with 3 at once where nobody listens", () =>
    Effect.gen(function* () {
      for (const url of ["http://127.0.0.1:1/", "ws://127.0.0.1:1/"]) {
        const { err, exitCode, out } = yield* capture("query", url, "{ a }")
        assert.strictEqual(exitCode, 3)
        assert.deepStrictEqual(out, [])
        assert.include(err[0], "NetworkError ConnectFailed · phase connecting · not sent")
        assert.include(err[0], "because of: connect ECONNREFUSED 127.0.0.1:1")
      }
    })
  )

  it.scopedLive("ends with 3 after its timeout", () =>
    Effect.gen(function* () {
      const port = yield* listen(Http.createServer(() => {}))
      const { err, exitCode } = yield* capture(
        ...["query", `http://127.0.0.1:${port}/`, "{ a }", "--timeout", "200ms"]
      )
      assert.strictEqual(exitCode, 3)
      assert.include(err[0], "NetworkError OperationTimeout")
      assert.include(err[0], "no result within 200ms")
    })
  )

  it.scopedLive("ends with 3 and what the server says where it refuses", () =>
    Effect.gen(function* () {
      const url = yield* answering(500, "out of\u001b[2J order", "text/plain")
      const { err, exitCode } = yield* capture("query", url, "{ a }")
      assert.strictEqual(exitCode, 3)
      assert.include(err[0], "NetworkError RequestRejected")
      assert.include(err[0], "it sent: out of\\u001b[2J order")
    })
  )

  it.scopedLive("ends with 4 where the server talks nonsense", () =>
    Effect.gen(function* () {
      for (const [body, type] of [
        ["nonsense", "application/json"],
        ["<html>", "text/html"]
      ] as const) {
        const { err, exitCode } = yield* capture(
          "query",
          yield* answering(200, body, type),
          "{ a }"
        )
        assert.strictEqual(exitCode, 4, body)
        assert.include(err[0], "ProtocolError")
      }
    })
  )

  it.live("ends with 2 where it cannot be used", () =>
    Effect.gen(function* () {
      const url = "http://127.0.0.1:1/"
      const mistakes: ReadonlyArray<readonly [complaint: string, args: ReadonlyArray<string>]> = [
        ["there is no such command; query perhaps?", ["quer"]],
        ["<url> is missing", ["query"]],
        ["there is no document", ["query", url]],
        [
          "the operation is a mutation: fiberline mutate executes it",
          ["query", url, "mutation { a }"]
        ],
        ["--timeout must be a length of time", ["query", url, "{ a }", "--timeout", "soon"]],
        ["--retry must be", ["query", url, "{ a }", "--retry", "often"]],
        ["--keepalive must be", ["query", url, "{ a }", "--keepalive", "often"]],
        ["--payload is what WebSockets begin with", ["query", url, "{ a }", "--payload", "{}"]],
        ["the URL must begin with", ["query", "localhost", "{ a }"]]
      ]
      for (const [complaint, args] of mistakes) {
        const { err, exitCode, out } = yield* capture(...args)
        assert.strictEqual(exitCode, 2, complaint)
        assert.deepStrictEqual(out, [])
        assert.include(err[0], complaint)
        assert.match(err[0] ?? "", /\n {2}See fiberline (query )?--help$/)
      }
    })
  )
})

describe("a complaint", () => {
  it.live("never quotes what may be a secret", () =>
    Effect.gen(function* () {
      const secret = "hunter22"
      const url = "http://127.0.0.1:1/"
      for (const args of [
        ["query", url, "{ a }", "--payload", `{"token":"${secret}"`],
        ["query", url, "-H", "Authorization:", "Bearer", secret],
        ["query", url, "-H", "Authorization:", secret],
        ["query", url, "-H", secret],
        ["query", url, "-V", secret],
        ["query", url, "--variables", secret],
        ["query", url, `--token=${secret}`],
        ["query", url, `-${secret}`],
        ["query", url, "{ a }", "--timeout", secret],
        ["query", url, "{ a }", "--keepalive", secret],
        ["query", url, "{ a }", "--retry", secret],
        ["query", url, "{ a }", "--transport", secret],
        ["subscribe", url, "subscription { a }", "--count", secret],
        ["query", secret, "{ a }"],
        ["--completions", secret],
        [secret]
      ]) {
        const { err, exitCode, out } = yield* capture(...args)
        assert.strictEqual(exitCode, 2, args.join(" "))
        assert.notInclude([...out, ...err].join("\n"), secret)
      }
    })
  )
})

describe("fiberline mutate", () => {
  it.scopedLive("prints the result", () =>
    Effect.gen(function* () {
      const { url } = yield* yoga
      const { exitCode, out } = yield* capture(
        ...["mutate", url, "mutation ($a: Int!) { add(a: $a, b: 2) }", "-V", "a:1"]
      )
      assert.strictEqual(exitCode, 0)
      assert.deepStrictEqual(out, ['{"data":{"add":3}}'])
    })
  )
})

describe("fiberline", () => {
  it.live("helps, and says its version", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* capture("--version")).out, ["1.2.3"])
      for (const option of ["--help", "-h"]) {
        const { err, exitCode, out } = yield* capture(option)
        assert.strictEqual(exitCode, 0)
        assert.deepStrictEqual(err, [])
        assert.match(
          out[0] ?? "",
          /\n {2}query +Executes a query, and prints its result\.\n {2}mutate /
        )
      }
      const bare = yield* capture()
      assert.strictEqual(bare.exitCode, 2)
      assert.deepStrictEqual(bare.out, [])
      assert.include(bare.err[0], "Commands")
    })
  )

  it.live("helps with each command: a sentence, examples, and its options", () =>
    Effect.gen(function* () {
      for (const command of ["query", "mutate", "subscribe", "introspect", "validate", "demo"]) {
        const { exitCode, out } = yield* capture(command, "--help")
        assert.strictEqual(exitCode, 0)
        const help = out[0] ?? ""
        assert.match(help, /^[A-Z][^]*?\.\n\n/)
        assert.include(help, `\nExamples\n  fiberline ${command}`)
        assert.include(help, "-h, --help")
        assert.notInclude(help, "This setting")
      }
    })
  )

  it.live("has colours in its help only where they are seen", () =>
    Effect.gen(function* () {
      const help = yield* capture("query", "--help")
      assert.notInclude(help.out[0], "\u001b")
      const colourful = yield* captureIn({ colours: true }, "query", "--help")
      assert.include(colourful.out[0], "\u001b[1mUsage\u001b[22m")
    })
  )
})
