import { assert, describe, it } from "@effect/vitest"
import * as Iam from "@fiberline/appsync/Iam"
import type { TestRequest } from "@fiberline/testing/TestHttpServer"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { networkError } from "./support/errors.js"
import { scenario, url, writingDown } from "./support/scenario.js"
import { claimOf, type Received, signatureOf } from "./support/sigv4.js"
import { authorizationOf, headerOf } from "./support/told.js"

const accessKeyId = "AKIDEXAMPLE"
const secretAccessKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
const sessionToken = "IQoJb3JpZ2luX2VjEXAMPLETOKEN//8="

const credentials: Iam.Credentials = {
  accessKeyId,
  secretAccessKey: Redacted.make(secretAccessKey)
}
const temporary: Iam.Credentials = { ...credentials, sessionToken: Redacted.make(sessionToken) }

/** 2015-08-30 12:36:00 UTC, of which AWS's own examples are. */
const then = Date.UTC(2015, 7, 30, 12, 36)

const document = "subscription { count(to: 3) }"

/** Asserts that AppSync would take the signature of this. */
const assertSigned = (received: Received, region: string, names: ReadonlyArray<string>): void => {
  const headers = Object.entries(received.headers)
  const [, authorization = ""] =
    headers.find(([name]) => name.toLowerCase() === "authorization") ?? []
  const claim = claimOf(authorization)
  const { signature, ...rest } = claim
  assert.deepStrictEqual(rest, {
    accessKeyId,
    date: "20150830",
    region,
    service: "appsync",
    signedHeaders: names
  })
  assert.strictEqual(signature, signatureOf(received, claim, secretAccessKey))
}

const ofSocket = ["accept", "content-encoding", "content-type", "host", "x-amz-date"]
const ofRequest = ["host", "x-amz-date"]

/** The headers that the HTTP client puts on it, and the one that any HTTP client does. */
const received = ({ body, headers, method, url }: TestRequest): Received => ({
  method,
  url,
  headers: { ...headers, host: url.host },
  body
})

describe("the signature that these tests compute", () => {
  // Of AWS's test suite for Signature Version 4.
  it.each([
    ["GET", "/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"],
    ["POST", "/", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"],
    [
      "GET",
      "/?Param2=value2&Param1=value1",
      "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
    ]
  ])("of %s %s is AWS's own", (method, path, expected) => {
    const signature = signatureOf(
      {
        method,
        url: new URL(path, "https://example.amazonaws.com"),
        headers: { Host: "example.amazonaws.com", "X-Amz-Date": "20150830T123600Z" },
        body: ""
      },
      {
        date: "20150830",
        region: "us-east-1",
        service: "service",
        signedHeaders: ["host", "x-amz-date"]
      },
      secretAccessKey
    )
    assert.strictEqual(signature, expected)
  })
})

describe("by IAM, signed is", () => {
  const id = "example1234567890000"
  for (const [endpoint, region, given] of [
    [`https://${id}.appsync-api.us-east-1.amazonaws.com/graphql`, "us-east-1", undefined],
    [`https://${id}.appsync-api.cn-north-1.amazonaws.com.cn/graphql`, "cn-north-1", undefined],
    ["https://api.example.com/graphql", "eu-west-1", "eu-west-1"],
    ["https://api.example.com:8443/graphql", "eu-west-1", "eu-west-1"],
    ["https://api.example.com/graphql?stage=b&stage=a&x-y=1%202&z", "eu-west-1", "eu-west-1"],
    ["https://api.example.com/a%20b/graphql", "eu-west-1", "eu-west-1"],
    ["http://127.0.0.1:20002/graphql", "us-east-1", "us-east-1"]
  ] as const) {
    for (const [whose, owner] of Object.entries({
      "a user's": credentials,
      "a role's": temporary
    })) {
      const token = whose === "a role's" ? ["x-amz-security-token"] : []
      const authorization = Iam.iam({ credentials: owner, region: given })

      it.effect(`with ${whose} credentials a request to ${endpoint}`, () =>
        scenario({ url: endpoint, authorization }, ({ client, http }) =>
          Effect.gen(function* () {
            yield* TestClock.setTime(then)
            const fiber = yield* Effect.fork(
              client.query("query Q($n: String!) { hello(name: $n) }", {
                variables: { n: "Ada Ünïcode" },
                operationName: "Q"
              })
            )
            const request = yield* http.accept
            assertSigned(received(request), region, [...ofRequest, ...token])
            assert.strictEqual(
              request.headers["x-amz-security-token"],
              token.length > 0 ? sessionToken : undefined
            )
            yield* request.respond({ data: {} })
            yield* Fiber.join(fiber)
          })
        )
      )

      it.effect(`with ${whose} credentials a connection and a subscription to ${endpoint}`, () => {
        const frames: Array<string> = []
        return scenario(
          { url: endpoint, authorization },
          ({ client, server }) =>
            Effect.gen(function* () {
              yield* TestClock.setTime(then)
              yield* Effect.fork(Stream.runDrain(client.subscribe(document)))
              const connection = yield* server.acceptReady
              const url = new URL(endpoint)
              const connect = new URL(endpoint)
              connect.pathname += "/connect"
              const header = headerOf(connection)
              assert.strictEqual(header["host"], url.host)
              const names = [...ofSocket, ...token]
              assertSigned(
                { method: "POST", url: connect, headers: header, body: "{}" },
                region,
                names
              )
              const operation = yield* connection.awaitSubscribe
              const headers = authorizationOf(operation)
              assert.strictEqual(headers["host"], url.host)
              assert.strictEqual(
                headers["x-amz-security-token"],
                token.length > 0 ? sessionToken : undefined
              )
              const start: unknown = JSON.parse(frames.at(-1) ?? "")
              assert.nestedPropertyVal(start, "type", "start")
              // Type boundary: its type was just looked at.
              const { data } = (start as { payload: { data: string } }).payload
              assertSigned({ method: "POST", url, headers, body: data }, region, names)
            }),
          writingDown(frames)
        )
      })
    }
  }
})

describe("what IAM signs with", () => {
  it.effect("is got anew for each signature, and may fail", () => {
    let times = 0
    const authorization = Iam.iam({
      credentials: Effect.suspend(() =>
        ++times < 3 ? Effect.succeed(credentials) : Effect.fail("no role" as const)
      )
    })
    return scenario({ authorization }, ({ client, http }) =>
      Effect.gen(function* () {
        for (const at of [then, then + 3_600_000]) {
          yield* TestClock.setTime(at)
          const fiber = yield* Effect.fork(client.query("{ x }"))
          const request = yield* http.accept
          const date = new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, "")
          assert.strictEqual(request.headers["x-amz-date"], date)
          yield* request.respond({ data: {} })
          yield* Fiber.join(fiber)
        }
        assert.strictEqual(yield* Effect.flip(client.query("{ x }")), "no role")
      })
    )
  })

  it.effect("has a region, or nothing is sent", () =>
    scenario(
      { url: "https://api.example.com:8443/graphql", authorization: Iam.iam({ credentials }) },
      ({ client, http, server }) =>
        Effect.gen(function* () {
          const message = "no region was given, and api.example.com:8443 names none"
          const subscribed = yield* Effect.flip(Stream.runDrain(client.subscribe(document)))
          for (const error of [yield* Effect.flip(client.query("{ x }")), subscribed]) {
            assert.instanceOf(error, Iam.SigningFailed)
            assert.strictEqual(error.message, message)
          }
          assert.strictEqual(yield* http.requests, 0)
          assert.strictEqual(yield* server.attempts, 0)
        })
    )
  )

  it.effect("has a region, or a connection has a reason to fail", () =>
    scenario(
      {
        url: "https://api.example.com/graphql",
        eager: true,
        authorization: Iam.iam({ credentials })
      },
      ({ client, server }) =>
        Effect.gen(function* () {
          yield* TestClock.adjust("1 second")
          const status = yield* client.status.get
          assert(status._tag === "Failed")
          const error = networkError(status.cause, "OptionFailed")
          assert.strictEqual(error.reason.option, "subprotocolCredentials")
          assert.instanceOf(error.cause, Iam.SigningFailed)
          assert.strictEqual(yield* server.attempts, 0)
        })
    )
  )

  it.effect("if it is no key, is the cause of the failure", () => {
    const broken = Iam.iam({
      // Type boundary: a program without types might do this.
      credentials: { accessKeyId, secretAccessKey: Redacted.make(undefined as unknown as string) }
    })
    return scenario({ url, authorization: broken }, ({ client }) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(client.query("{ x }"))
        assert.instanceOf(error, Iam.SigningFailed)
        assert.isDefined(error.cause)
      })
    )
  })
})
