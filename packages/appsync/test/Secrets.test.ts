import { assert, describe, it } from "@effect/vitest"
import * as Authorization from "@fiberline/appsync/Authorization"
import * as Iam from "@fiberline/appsync/Iam"
import { NetworkError } from "@fiberline/client/NetworkError"
import { OperationError } from "@fiberline/client/OperationError"
import { ProtocolError } from "@fiberline/client/ProtocolError"
import type { TestRequest } from "@fiberline/testing/TestHttpServer"
import type { TestConnection } from "@fiberline/testing/TestServer"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Inspectable from "effect/Inspectable"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { inspect } from "node:util"
import { recorder } from "./support/recorder.js"
import { type Options, scenario } from "./support/scenario.js"
import { claimOf } from "./support/sigv4.js"
import { authorizationOf, connectionError, error, headerOf } from "./support/told.js"

const apiKey = "da2-k3yzz-fakeapikeyforthistest"
const token = "t0kzz.eyJzdWIiOiJtYWxsb3J5In0.c2lnbmF0dXJl"
const secretAccessKey = "wJa1r/EXAMPLEKEYEXAMPLEKEYEXAMPLEKEYEXAMPL"
const sessionToken = "FwoGZXIvYXdzEXAMPLETOKEN//8="

const ways: { readonly [name: string]: Options<unknown> } = {
  "an API key": { authorization: Authorization.apiKey(apiKey) },
  "a token, Redacted": { authorization: Authorization.token(Redacted.make(token)) },
  "a short token": { authorization: Authorization.token("t0kzz") },
  IAM: {
    authorization: Iam.iam({
      credentials: {
        accessKeyId: "AKIDEXAMPLE",
        secretAccessKey: Redacted.make(secretAccessKey),
        sessionToken: Redacted.make(sessionToken)
      }
    })
  }
}

/** What must not be shown: all that the client has told a server in confidence. */
class Known {
  readonly #secrets = new Set<string>()

  add(headers: { readonly [name: string]: string }): void {
    for (const [name, value] of Object.entries(headers)) {
      if (!/^(authorization|x-api-key|x-amz-security-token)$/i.test(name)) continue
      this.#secrets.add(value)
      if (value.startsWith("AWS4-")) this.#secrets.add(claimOf(value).signature)
    }
  }

  addName({ request }: TestConnection): void {
    const [, name = ""] = request.subprotocols
    this.#secrets.add(name)
    this.#secrets.add(name.slice("header-".length))
  }

  /** All of them, as a server would quote them. */
  get echo(): string {
    return Array.from(this.#secrets, (secret) => `<${secret}>`).join(" | ")
  }

  assertUnseen(where: string, text: string): void {
    // Which nobody was told.
    assert.notInclude(text, secretAccessKey)
    assert.isNotEmpty(this.#secrets)
    for (const secret of this.#secrets) {
      assert.notInclude(text, secret, `${secret} is shown in ${where}`)
    }
  }
}

const AnyError = Schema.Union(NetworkError, ProtocolError, OperationError)

/** Every way in which an error is shown. */
const shown = (error: unknown): string => {
  const { cause } = error instanceof Error ? error : {}
  return [
    String(error),
    error instanceof Error ? error.stack : "",
    JSON.stringify(error),
    inspect(error, { depth: 10 }),
    Inspectable.toStringUnknown(error),
    Cause.pretty(Cause.fail(error)),
    Schema.is(AnyError)(error) ? JSON.stringify(Schema.encodeSync(AnyError)(error)) : "",
    cause === undefined ? "" : inspect(cause, { depth: 10 })
  ].join("\n")
}

/** Runs something with all that it logs and traces written down. */
const overheard = <E>(known: Known, program: Effect.Effect<void, E>) =>
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
      known.assertUnseen("a span", inspect([name, attributes, status], { depth: 10 }))
    }
    known.assertUnseen("the log", logged.join("\n"))
  })

const endings: {
  readonly [name: string]: (
    connection: TestConnection,
    echo: string,
    id: string
  ) => Effect.Effect<void>
} = {
  "the reason of a close": (connection, echo) => connection.close(4403, echo),
  "a connection_error": (connection, message) =>
    connectionError(connection, { errorType: "UnauthorizedException", message }),
  "a connection_error that nobody can mend": (connection, message) =>
    connectionError(connection, { errorType: "BadRequest", errorCode: 400, message }),
  "an error without an id": (connection, message) =>
    error(connection, { errorType: "LimitExceededError", message }),
  "an error of the subscription": (connection, message, id) =>
    error(connection, { errorType: "UnauthorizedException", message, [message]: [message] }, id),
  "a result": (connection, message, id) =>
    connection.send({ _tag: "Next", id, payload: { data: null, errors: [{ message }] } }),
  "what is no message": (connection, echo) => connection.sendFrame(echo)
}

const answers: {
  readonly [name: string]: (request: TestRequest, echo: string) => Effect.Effect<void>
} = {
  "a page that refuses": (request, echo) =>
    request.respond(echo, {
      status: 403,
      headers: { "content-type": "text/html", "x-echo": echo }
    }),
  "errors with 401": (request, message) =>
    request.respond(
      { errors: [{ errorType: "UnauthorizedException", message }] },
      { status: 401, headers: { "content-type": "application/json", "x-amzn-errortype": message } }
    ),
  "GraphQL errors": (request, message) =>
    request.respond({ data: null, errors: [{ message, extensions: { why: [message] } }] }),
  "what is no JSON": (request, echo) => request.respond(echo)
}

for (const [way, options] of Object.entries(ways)) {
  describe(`what authorizes by ${way} is in no error, span, log or status`, () => {
    for (const [where, end] of Object.entries(endings)) {
      it.effect(`where the server quotes it in ${where}`, () => {
        const known = new Known()
        return overheard(
          known,
          scenario(options, ({ client, server }) =>
            Effect.gen(function* () {
              const fiber = yield* Effect.fork(
                Effect.flip(Stream.runDrain(client.subscribe("subscription { n }")))
              )
              const connection = yield* server.acceptReady
              known.add(headerOf(connection))
              known.addName(connection)
              const operation = yield* connection.awaitSubscribe
              known.add(authorizationOf(operation))
              yield* end(connection, known.echo, operation.id)
              const failure = yield* Fiber.join(fiber)
              assert.isTrue(Schema.is(AnyError)(failure))
              const text = shown(failure)
              known.assertUnseen("the error", text)
              assert.include(text, "<redacted>")
              known.assertUnseen("the status", inspect(yield* client.status.get, { depth: 10 }))
            })
          )
        )
      })
    }

    // Nothing has been sent yet that held it in another form.
    it.effect("where the server quotes it to a connection that no subscription has used", () => {
      const known = new Known()
      return overheard(
        known,
        scenario({ ...options, eager: true }, ({ client, server }) =>
          Effect.gen(function* () {
            const connection = yield* server.accept
            known.add(headerOf(connection))
            known.addName(connection)
            yield* connection.open()
            yield* connection.awaitInit
            yield* connectionError(connection, {
              errorType: "UnauthorizedException",
              message: known.echo
            })
            yield* TestClock.adjust(0)
            const status = yield* client.status.get
            assert(status._tag === "Failed")
            known.assertUnseen("the error", shown(status.cause))
            assert.include(shown(status.cause), "<redacted>")
          })
        )
      )
    })

    it.effect("where the upgrade is refused with it", () => {
      const known = new Known()
      return overheard(
        known,
        scenario({ ...options, reconnect: Schedule.spaced("1 second") }, ({ client, server }) =>
          Effect.gen(function* () {
            const fiber = yield* Effect.fork(
              Effect.flip(Stream.runDrain(client.subscribe("subscription { n }")))
            )
            for (const _ of [1, 2]) {
              const connection = yield* server.accept
              known.add(headerOf(connection))
              known.addName(connection)
              yield* connection.reject(401, { "x-echo": known.echo })
              yield* TestClock.adjust("1 second")
            }
            const failure = yield* Fiber.join(fiber)
            known.assertUnseen("the error", shown(failure))
            assert.include(shown(failure), "<redacted>")
          })
        )
      )
    })

    for (const [what, answer] of Object.entries(answers)) {
      for (const reconnect of [false, Schedule.spaced("1 second")] as const) {
        it.effect(
          `where ${what} quotes it over HTTP, asked ${reconnect ? "again too" : "once"}`,
          () => {
            const known = new Known()
            return overheard(
              known,
              scenario({ ...options, reconnect }, ({ client, http }) =>
                Effect.gen(function* () {
                  const fiber = yield* Effect.fork(Effect.flip(client.query("{ x }")))
                  const answering = yield* Effect.fork(
                    Effect.forever(
                      Effect.flatMap(http.accept, (request) => {
                        known.add(request.headers)
                        return answer(request, known.echo)
                      })
                    )
                  )
                  const failure = yield* Fiber.join(fiber)
                  yield* Fiber.interrupt(answering)
                  assert.isTrue(Schema.is(AnyError)(failure))
                  known.assertUnseen("the error", shown(failure))
                  assert.include(shown(failure), "<redacted>")
                })
              )
            )
          }
        )
      }
    }
  })
}
