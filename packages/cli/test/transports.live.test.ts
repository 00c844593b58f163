/** What the command speaks over each of the transports, with servers that speak it by core's other ends. */
import { assert, describe, it } from "@effect/vitest"
import * as Absinthe from "@fiberline/core/Absinthe"
import * as ActionCable from "@fiberline/core/ActionCable"
import { appSync } from "@fiberline/core/AppSync"
import * as Effect from "effect/Effect"
import { fileURLToPath } from "node:url"
import { capture, captureIn } from "./support/capture.js"
import { conversing } from "./support/conversing.js"

const subscription = "subscription { said }"

describe.concurrent("--transport", () => {
  for (const [transport, subprotocol, path] of [
    ["phoenix", Absinthe.make(), "/socket/websocket?vsn=2.0.0"],
    ["phoenix-v1", Absinthe.make({ serializer: "1.0.0" }), "/socket/websocket?vsn=1.0.0"],
    ["actioncable", ActionCable.make(), "/socket/websocket"]
  ] as const) {
    it.scopedLive(`${transport} queries, mutates and subscribes over a WebSocket`, () =>
      Effect.gen(function* () {
        const { told, url } = yield* conversing(subprotocol)
        const at = `${url}/socket/websocket`
        for (const [command, document] of [
          ["query", "{ hello }"],
          ["mutate", "mutation { hello }"]
        ] as const) {
          const { err, exitCode, out } = yield* capture(
            ...[command, at, document, "--transport", transport]
          )
          assert.strictEqual(exitCode, 0, err.join("\n"))
          assert.deepStrictEqual(out, ['{"data":{"hello":"world"}}'])
        }
        const { err, exitCode, out } = yield* captureIn(
          { env: { TOKEN: "hunter22" } },
          ...["subscribe", at, subscription, "--transport", transport, "--count", "2"],
          ...["-H", "authorization: Bearer ${TOKEN}", "--payload", '{"token":"${TOKEN}-payload"}'],
          "--verbose"
        )
        assert.strictEqual(exitCode, 0, err.join("\n"))
        assert.lengthOf(out, 2)
        assert.include(out[0], "<redacted>")
        assert.notInclude([...out, ...err].join("\n"), "hunter22")

        assert.deepStrictEqual(
          told.upgrades.map(({ url }) => url),
          [path, path, path]
        )
        assert.strictEqual(told.upgrades[2]?.headers.authorization, "Bearer hunter22")
        assert.isEmpty(told.requests)
      })
    )
  }

  it.scopedLive("phoenix says the payload with the join, actioncable in its identifiers", () =>
    Effect.gen(function* () {
      const payload = ["--payload", '{"a":1}', "--count", "1", "--verbose"]
      const phoenix = yield* conversing(Absinthe.make())
      yield* capture("subscribe", phoenix.url, subscription, "--transport", "phoenix", ...payload)
      assert.deepInclude(phoenix.told.messages, { _tag: "ConnectionInit", payload: { a: 1 } })

      const cable = yield* conversing(ActionCable.make())
      const { err } = yield* capture(
        ...["subscribe", cable.url, subscription, "--transport", "actioncable", ...payload]
      )
      const identifier = err.find((line) => line.includes('"command":"subscribe"'))
      assert.include(identifier, '\\"a\\":1')
    })
  )

  it.scopedLive("tells of a server that serves the connection no longer, and ends with 3", () =>
    Effect.gen(function* () {
      const { url } = yield* conversing(ActionCable.make(), { disconnects: true })
      const { err, exitCode } = yield* captureIn(
        { env: { TOKEN: "hunter22" } },
        ...["subscribe", url, subscription, "--transport", "actioncable", "--retry", "none"],
        ...["-H", "authorization: ${TOKEN}"]
      )
      assert.strictEqual(exitCode, 3, err.join("\n"))
      assert.include(err.join("\n"), "ServerDisconnected")
      assert.include(err.join("\n"), "<redacted>")
      assert.notInclude(err.join("\n"), "hunter22")
    })
  )
})

const aws = {
  AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "secret-hunter22",
  AWS_SESSION_TOKEN: "session-hunter22",
  AWS_REGION: "eu-west-1"
}

describe.concurrent("--transport appsync", () => {
  const served = conversing(appSync, { ack: { connectionTimeoutMs: 300_000 } })
  const appsync = ["--transport", "appsync", "--verbose"]
  const decoded = (offered = ""): Record<string, string> => {
    const [, name = ""] = offered.split("header-")
    return JSON.parse(Buffer.from(name, "base64url").toString())
  }

  for (const [what, env, credentials, header] of [
    ["an API key", { KEY: "key-hunter22" }, ["--api-key", "${KEY}"], "x-api-key"],
    ["a token", { KEY: "key-hunter22" }, ["--jwt", "${KEY}"], "authorization"],
    ["IAM", aws, [], "authorization"]
  ] as const) {
    it.scopedLive(
      `queries by HTTP and subscribes by its WebSocket, by ${what}, and shows none`,
      () =>
        Effect.gen(function* () {
          const { told, url } = yield* served
          const at = `${url}/graphql`
          const queried = yield* captureIn(
            { env },
            "query",
            at,
            "{ hello }",
            ...appsync,
            ...credentials
          )
          assert.strictEqual(queried.exitCode, 0, queried.err.join("\n"))
          const subscribed = yield* captureIn(
            { env },
            ...["subscribe", at, subscription, ...appsync, ...credentials]
          )
          assert.strictEqual(subscribed.exitCode, 0, subscribed.err.join("\n"))
          assert.lengthOf(subscribed.out, 2)

          const [request] = told.requests
          const [upgrade] = told.upgrades
          assert.strictEqual(upgrade?.url, "/graphql/realtime")
          const inOffer = decoded(upgrade?.headers["sec-websocket-protocol"])
          const shown = [request?.headers[header], inOffer[header] ?? inOffer["Authorization"]]
          for (const value of shown) {
            if (what === "IAM") assert.match(String(value), /AKIDEXAMPLE\/\d+\/eu-west-1\/appsync/)
            else assert.strictEqual(value, "key-hunter22")
          }
          const subscribe = told.messages.find(({ _tag }) => _tag === "Subscribe")
          assert.include(JSON.stringify(subscribe), what === "IAM" ? "Signature=" : "key-hunter22")

          const said = [queried, subscribed].flatMap(({ err, out }) => [...out, ...err]).join("\n")
          assert.include(said, "offering graphql-ws, header-<redacted>")
          assert.notMatch(said, /hunter22|AKIDEXAMPLE|Signature|eyJ/i)
        })
    )
  }

  it.scopedLive(
    "is a connection as any other, and a subscription that nobody confirms fails in time",
    () =>
      Effect.gen(function* () {
        const { url } = yield* conversing(appSync, { establishes: false })
        const { err, exitCode } = yield* captureIn(
          { env: { KEY: "hunter22" } },
          ...["subscribe", url, subscription, "--transport", "appsync", "--api-key", "${KEY}"],
          ...["--timeout", "3s"]
        )
        assert.strictEqual(exitCode, 3, err.join("\n"))
        assert.include(err, "✓ connected", err.join("\n"))
        assert.include(err.join("\n"), "NetworkError EstablishTimeout")
      })
  )

  it.scopedLive("asks for a schema with the same", () =>
    Effect.gen(function* () {
      const { told, url } = yield* served
      const options = [
        "--transport",
        "appsync",
        "--api-key",
        `@${fileURLToPath(new URL("support/key.txt", import.meta.url))}`
      ]
      yield* capture("introspect", url, ...options)
      assert.include(told.requests[0]?.body, "__schema")
      assert.strictEqual(told.requests[0]?.headers["x-api-key"], "of-a-file")
    })
  )

  it.scopedLive("gives a query its headers", () =>
    Effect.gen(function* () {
      const { told, url } = yield* served
      const { exitCode } = yield* captureIn(
        { env: { KEY: "hunter22" } },
        ...["query", url, "{ hello }", ...appsync, "--api-key", "${KEY}", "-H", "x-tenant: acme"]
      )
      assert.strictEqual(exitCode, 0)
      assert.strictEqual(told.requests[0]?.headers["x-tenant"], "acme")
    })
  )

  it.live("shows of a URL that came from the environment no more than its origin", () =>
    Effect.gen(function* () {
      const { err, exitCode } = yield* captureIn(
        { env: { KEY: "hunter22", URL: "http://127.0.0.1:1/hunter33/graphql" } },
        ...["subscribe", "${URL}", subscription, ...appsync, "--api-key", "${KEY}"],
        ...["--retry", "none"]
      )
      assert.strictEqual(exitCode, 3)
      assert.include(err.join(), "ws://127.0.0.1:1/<redacted>/graphql/realtime")
      assert.notInclude(err.join(), "hunter")
    })
  )

  it.scopedLive("warns of a key that everybody can see, and hides it as well", () =>
    Effect.gen(function* () {
      const { url } = yield* served
      const { err, out } = yield* capture(
        ...["query", url, "{ hello }", ...appsync, "--api-key", "hunter22"]
      )
      assert.include(err[0], "the API key can be seen")
      assert.notInclude([...err, ...out].join("\n"), "hunter22")
    })
  )

  it.scopedLive("tells of a refusal, which is the network's, without its credentials", () =>
    Effect.gen(function* () {
      const { url } = yield* conversing(appSync, { refuses: true })
      const { err, exitCode } = yield* captureIn(
        { env: aws },
        ...["subscribe", url, subscription, ...appsync, "--retry", "none"]
      )
      assert.strictEqual(exitCode, 3)
      assert.include(err.join("\n"), "ConnectionRejected")
      assert.notMatch(err.join("\n"), /hunter22|AKIDEXAMPLE|Signature|eyJ/i)
    })
  )
})

describe.concurrent("doctor --transport", () => {
  const options = ["--json", "--listen", "300ms"]
  const stepsOf = (
    out: ReadonlyArray<string>
  ): ReadonlyArray<{ readonly [name: string]: unknown }> => JSON.parse(out.join("")).steps

  for (const [transport, subprotocol] of [
    ["phoenix", Absinthe.make()],
    ["phoenix-v1", Absinthe.make({ serializer: "1.0.0" })],
    ["actioncable", ActionCable.make()]
  ] as const) {
    it.scopedLive(`${transport} goes through every step`, () =>
      Effect.gen(function* () {
        const { url } = yield* conversing(subprotocol)
        const { exitCode, out } = yield* capture(
          "doctor",
          url,
          "--transport",
          transport,
          ...options
        )
        assert.strictEqual(exitCode, 0, out.join())
        const steps = stepsOf(out)
        const upgrade = steps.find(({ step }) => step === "upgrade")
        assert.deepInclude(upgrade?.["facts"], { protocol: transport })
        for (const { status, step } of steps) {
          assert.notInclude(["failed", "inconclusive", "notReached"], status, String(step))
        }
      })
    )
  }

  for (const [what, env, credentials] of [
    ["an API key", { KEY: "key-hunter22" }, ["--api-key", "${KEY}"]],
    ["IAM", aws, []]
  ] as const) {
    it.scopedLive(`appsync finds the WebSocket, by ${what}, and shows no credentials`, () =>
      Effect.gen(function* () {
        const { told, url } = yield* conversing(appSync, { ack: { connectionTimeoutMs: 300_000 } })
        const { err, exitCode, out } = yield* captureIn(
          { env },
          ...["doctor", `${url}/graphql`, "--transport", "appsync", ...credentials, ...options]
        )
        assert.strictEqual(exitCode, 0, out.join())
        const [upgrade] = told.upgrades
        assert.strictEqual(upgrade?.url, "/graphql/realtime")
        assert.include(upgrade?.headers["sec-websocket-protocol"], "header-eyJ")
        const [request] = told.requests
        assert.match(
          JSON.stringify(request?.headers),
          what === "IAM" ? /AKIDEXAMPLE.*Signature=/ : /"x-api-key":"key-hunter22"/
        )
        assert.deepInclude(stepsOf(out).find(({ step }) => step === "http")?.["facts"], {
          graphql: true
        })
        assert.notMatch([...out, ...err].join(), /hunter22|AKIDEXAMPLE|Signature|eyJ/i)
      })
    )
  }

  it.live("actioncable has nothing to say a payload with", () =>
    Effect.gen(function* () {
      const { err, exitCode } = yield* capture(
        ...["doctor", "ws://127.0.0.1:1/", "--transport", "actioncable", "--payload", "{}"]
      )
      assert.strictEqual(exitCode, 2)
      assert.include(err.join(), "here there are none")
    })
  )
})
