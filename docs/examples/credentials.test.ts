import { assert, describe, it } from "@effect/vitest"
import { GraphQLClient } from "@fiberline/client"
import { TestServer } from "@fiberline/testing"
import {
  Context,
  Effect,
  Layer,
  Redacted,
  Stream,
  type Subscribable,
  SubscriptionRef,
  TestClock
} from "effect"

// #region token
/** The token of today, and each one that follows it. */
class Token extends Context.Tag("Token")<
  Token,
  Subscribable.Subscribable<Redacted.Redacted<string>>
>() {}

const Client = GraphQLClient.layer({
  url: "ws://test/graphql",
  connectionPayload: Effect.map(
    Effect.flatMap(Token, ({ get }) => get),
    (token) => ({ authorization: token })
  )
})
// #endregion

// #region rotate
/** A new token takes effect at once: the connection is replaced by one that was opened with it. */
const Rotation = Layer.scopedDiscard(
  Effect.gen(function* () {
    const client = yield* GraphQLClient.GraphQLClient
    const token = yield* Token
    yield* token.changes.pipe(
      // The first is the one we have.
      Stream.drop(1),
      Stream.runForEach(() => client.reconnect),
      Effect.forkScoped
    )
  })
)
// #endregion

describe("credentials", () => {
  const setUp = Effect.gen(function* () {
    const token = yield* SubscriptionRef.make(Redacted.make("a"))
    const Live = Rotation.pipe(
      Layer.provideMerge(Client),
      Layer.provide(Layer.succeed(Token, token)),
      Layer.provideMerge(TestServer.layer)
    )
    const context = yield* Layer.build(Live)
    const client = Context.get(context, GraphQLClient.GraphQLClient)
    yield* Effect.forkScoped(Effect.exit(Stream.runDrain(client.subscribe("subscription { x }"))))
    return { token, server: Context.get(context, TestServer.TestServer) }
  })

  it.effect("that were refused are evaluated anew", () =>
    Effect.gen(function* () {
      const { server, token } = yield* setUp
      const first = yield* server.accept
      yield* first.open()
      assert.deepStrictEqual((yield* first.awaitInit).payload, { authorization: "a" })
      yield* first.close(4403)
      yield* SubscriptionRef.set(token, Redacted.make("b"))
      yield* TestClock.adjust("500 millis")
      const second = yield* server.accept
      yield* second.open()
      assert.deepStrictEqual((yield* second.awaitInit).payload, { authorization: "b" })
    }).pipe(Effect.scoped)
  )

  it.effect("that were rotated take effect at once", () =>
    Effect.gen(function* () {
      const { server, token } = yield* setUp
      const first = yield* server.acceptReady
      yield* first.awaitSubscribe
      yield* TestClock.adjust("1 millis")
      yield* SubscriptionRef.set(token, Redacted.make("b"))
      const second = yield* server.accept
      assert.isTrue(yield* first.isGone)
      yield* second.open()
      assert.deepStrictEqual((yield* second.awaitInit).payload, { authorization: "b" })
      yield* second.ack()
      yield* second.awaitSubscribe
    }).pipe(Effect.scoped)
  )
})
