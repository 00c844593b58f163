import { assert, describe, it } from "@effect/vitest"
import * as E from "@fiberline/client/NetworkError"
import {
  DecodeError,
  EncodeError,
  OperationError,
  OverflowError
} from "@fiberline/client/OperationError"
import { ProtocolError } from "@fiberline/client/ProtocolError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"

const second = Duration.seconds(1)

const reasons: ReadonlyArray<E.Reason> = [
  new E.OptionFailed({ option: "url", isConstant: false }),
  new E.ConnectTimeout({ timeout: second }),
  new E.ConnectFailed(),
  new E.HandshakeRejected({ status: 401, headers: { a: "b" } }),
  new E.AckTimeout({ timeout: second }),
  new E.KeepaliveTimeout({ interval: second, timeout: second, silentFor: Duration.seconds(2) }),
  new E.ConnectionLost(),
  new E.ServerClosed({ code: 1012, reason: "deploy" }),
  new E.ClientClosed(),
  new E.OperationTimeout({ timeout: second }),
  new E.Unauthorized({ code: 4401 }),
  new E.ReconnectRequested()
]

const withReason = (reason: E.Reason) =>
  new E.NetworkError({ reason, phase: "live", endpoint: "ws://test/", sent: true })

const errors = [
  ...reasons.map(withReason),
  new E.NetworkError({
    reason: new E.ConnectionLost(),
    phase: "live",
    endpoint: "ws://test/",
    sent: false,
    cause: new Error("ECONNRESET")
  }),
  new ProtocolError({
    violation: "NotJson",
    detail: "text that is not JSON",
    received: "x",
    phase: "live",
    endpoint: "ws://test/",
    sent: true
  }),
  new OperationError({ errors: [{ message: "no", path: ["a", 0] }], data: { a: null } }),
  new DecodeError({ issue: "i" }),
  new EncodeError({ issue: "i" }),
  new OverflowError({ capacity: 1 })
]

const AnyError = Schema.Union(
  E.NetworkError,
  ProtocolError,
  OperationError,
  DecodeError,
  EncodeError,
  OverflowError
)

describe("errors", () => {
  for (const error of errors) {
    const name = error._tag === "NetworkError" ? error.reason._tag : error._tag
    it(`${name} crosses a boundary as JSON and comes back itself`, () => {
      const json = JSON.stringify(Schema.encodeSync(AnyError)(error))
      const back = Schema.decodeUnknownSync(AnyError)(JSON.parse(json))
      assert.strictEqual(back._tag, error._tag)
      assert.strictEqual(back.constructor, error.constructor)
      assert.strictEqual(back.message, error.message)
      assert.isNotEmpty(back.message)
      assert.deepStrictEqual(Schema.encodeSync(AnyError)(back), JSON.parse(json))
    })
  }

  it("say whether and how trying again can help", () => {
    assert.deepStrictEqual(
      Object.fromEntries(reasons.map((reason) => [reason._tag, withReason(reason).retry])),
      {
        OptionFailed: "backoff",
        ConnectTimeout: "backoff",
        ConnectFailed: "backoff",
        HandshakeRejected: "refresh",
        AckTimeout: "backoff",
        KeepaliveTimeout: "backoff",
        ConnectionLost: "backoff",
        ServerClosed: "backoff",
        ClientClosed: "never",
        OperationTimeout: "never",
        Unauthorized: "never",
        ReconnectRequested: "backoff"
      }
    )
  })

  it.effect("catchReason recovers from one reason and leaves the others", () =>
    Effect.gen(function* () {
      for (const reason of reasons) {
        const caught = yield* Effect.fail(withReason(reason)).pipe(
          E.catchReason("ServerClosed", (error) => Effect.succeed(error.reason.code)),
          Effect.either
        )
        const streamed = yield* Stream.fail(withReason(reason)).pipe(
          E.catchReasonStream("ServerClosed", (error) => Stream.make(error.reason.code)),
          Stream.runCollect,
          Effect.either
        )
        assert.strictEqual(caught._tag, reason._tag === "ServerClosed" ? "Right" : "Left")
        assert.strictEqual(streamed._tag, caught._tag)
      }
      const other = yield* Effect.flip(
        E.catchReason(Effect.fail("other"), "ServerClosed", () => Effect.void)
      )
      assert.strictEqual(other, "other")
    })
  )
})
