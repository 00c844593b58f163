import { assert, describe, it } from "@effect/vitest"
import type { TestRequest } from "@fiberline/testing/TestHttpServer"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Fiber from "effect/Fiber"
import * as Inspectable from "effect/Inspectable"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { inspect } from "node:util"
import { carriers, reserve, single } from "../support/carriers.js"
import { closable, type Options, scenario } from "../support/httpScenario.js"
import { recorder } from "../support/recorder.js"

const secrets = {
  user: "us7x-mallory-the",
  password: "pw3kq-hunter2hunter2",
  query: "q9zzv/token=123",
  path: "p4wwk-token-456",
  header: "h8yyt-token-789",
  plain: "n2ggb-header-def"
}
const forms = {
  ...secrets,
  encoded: encodeURIComponent(secrets.query),
  basic: Encoding.encodeBase64(`${secrets.user}:${secrets.password}`)
}

const confidential: Options = {
  url: Redacted.make(
    `https://${secrets.user}:${secrets.password}@test/${secrets.path}/graphql?token=${encodeURIComponent(secrets.query)}#f`
  ),
  headers: { "x-api-key": Redacted.make(`Bearer ${secrets.header}`), "x-plain": secrets.plain }
}

const echo = Object.values(forms).join(" | ")
const document = "subscription { n }"

const assertSecretless = (where: string, text: string): void => {
  for (const [name, secret] of Object.entries(forms)) {
    assert.notInclude(text, secret, `the ${name} is shown in ${where}`)
    assert.notInclude(text, secret.slice(0, 5), `a part of the ${name} is shown in ${where}`)
  }
}

/** Every way in which an error is shown. */
const shown = (error: unknown): string =>
  [
    String(error),
    error instanceof Error ? error.stack : "",
    JSON.stringify(error),
    inspect(error, { depth: 10 }),
    Inspectable.toStringUnknown(error),
    Cause.pretty(Cause.fail(error))
  ].join("\n")

/** Runs something with all that it logs and traces written down. */
const overheard = <E>(program: Effect.Effect<void, E>) =>
  Effect.gen(function* () {
    const { spans, tracer } = recorder()
    const logged: Array<string> = []
    const logger = Logger.make(({ annotations, cause, message }) => {
      logged.push(inspect([message, annotations, Cause.pretty(cause), cause], { depth: 10 }))
    })
    yield* program.pipe(
      Logger.withMinimumLogLevel(LogLevel.All),
      Effect.provide(Logger.replace(Logger.defaultLogger, logger)),
      Effect.withTracer(tracer)
    )
    assert.isNotEmpty(spans)
    for (const { attributes, name, status } of spans) {
      assertSecretless("a span", inspect([name, attributes, status], { depth: 10 }))
    }
    assertSecretless("the log", logged.join("\n"))
  })

const endings: ReadonlyArray<[string, (request: TestRequest) => Effect.Effect<void>]> = [
  [
    "a page that refuses",
    (request) =>
      request.respond(echo, {
        status: 403,
        headers: { "content-type": "text/html", "x-echo": echo }
      })
  ],
  [
    "a page whose secret begins where the excerpt ends",
    (request) =>
      request.respond("x".repeat(1995) + secrets.header, {
        status: 500,
        headers: { "content-type": "text/plain" }
      })
  ],
  ["what is no JSON", (request) => request.respond(echo)],
  ["what is no response", (request) => request.respond({ errors: secrets })],
  [
    "GraphQL errors",
    (request) =>
      request.respond(
        { errors: [{ message: echo, extensions: { why: [echo] } }] },
        { status: 400, headers: { "x-echo": echo } }
      )
  ],
  ["nothing at all", (request) => request.fail(new TypeError("fetch failed"))]
]

describe("secrets", () => {
  for (const [what, end] of endings) {
    it.effect(`are in no form of the error, when the server answers a query with ${what}`, () =>
      overheard(
        scenario(confidential, ({ client, server }) =>
          Effect.gen(function* () {
            const fiber = yield* Effect.fork(Effect.flip(client.query("{ x }")))
            yield* end(yield* server.accept)
            assertSecretless("the error", shown(yield* Fiber.join(fiber)))
          })
        )
      )
    )

    for (const { first, name, options } of carriers) {
      it.effect(`are in none, when it answers a subscription over ${name} so`, () =>
        overheard(
          scenario({ ...options, ...confidential }, ({ client, server }) =>
            Effect.gen(function* () {
              const fiber = yield* Effect.fork(
                Effect.flip(Stream.runDrain(client.subscribe(document)))
              )
              yield* end(yield* first(server))
              assertSecretless("the error", shown(yield* Fiber.join(fiber)))
              assertSecretless("the status", inspect(yield* client.status.get, { depth: 10 }))
            })
          )
        )
      )
    }
  }

  for (const { accept, name, options } of carriers) {
    it.effect(`that are quoted in a stream over ${name} are in no error, gap or log`, () =>
      overheard(
        scenario(
          { ...options, ...confidential, reconnect: Schedule.spaced("1 second") },
          ({ client, server }) =>
            Effect.gen(function* () {
              const seen: Array<unknown> = []
              const fiber = yield* Effect.fork(
                Effect.flip(
                  Stream.runForEach(client.subscribeEvents(document), (event) =>
                    Effect.sync(() => void seen.push(event))
                  )
                )
              )
              yield* (yield* accept(server)).body.fail(new Error("terminated"))
              yield* TestClock.adjust("1 second")
              assertSecretless("the status", inspect(yield* client.status.get, { depth: 10 }))
              const { next } = yield* accept(server)
              yield* next({ errors: [{ message: echo }] })
              assertSecretless("the error", shown(yield* Fiber.join(fiber)))
              assert.isNotEmpty(seen)
              assertSecretless("a gap", inspect(seen, { depth: 10 }))
            })
        )
      )
    )
  }

  it.effect("a reservation's token is one", () =>
    overheard(
      scenario({ ...single.options, ...confidential }, ({ client, server }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(client.subscribe(document))))
          const token = "t6ssm-reservation-0"
          const { body } = yield* reserve(server, token)
          yield* (yield* server.accept).respond("", { status: 202 })
          yield* body.send(`event: next\ndata: {"no": "${token}"}\n\n`)
          const text = shown(yield* Fiber.join(fiber))
          assertSecretless("the error", text)
          assert.notInclude(text, token)
        })
      )
    )
  )

  it.effect("the endpoint is shown without them", () =>
    Effect.gen(function* () {
      for (const [url, endpoint] of [
        ["https://u:p@host:1/graphql?token=x#f", "https://host:1/graphql"],
        [Redacted.make("https://u:p@host:1/graphql?token=x#f"), "https://host:1"]
      ] as const) {
        const { client, close, server } = yield* closable({ url })
        const fiber = yield* Effect.fork(Effect.flip(client.connect))
        yield* (yield* server.accept).fail(new Error("no"))
        assert.strictEqual((yield* Fiber.join(fiber)).endpoint, endpoint)
        yield* close
      }
    })
  )
})
