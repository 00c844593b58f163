import { assert, describe, it } from "@effect/vitest"
import * as HttpClient from "@effect/platform/HttpClient"
import { type WireListener, WireConstructor } from "@fiberline/client/Wire"
import * as TestServer from "@fiberline/testing/TestServer"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { traced } from "../src/trace.js"

describe("a trace", () => {
  it.effect("that nobody reads is held up to a bound, and says what it lacks", () =>
    Effect.gen(function* () {
      const read = yield* Deferred.make<void>()
      const said: Array<string> = []
      let begun = 0
      const say = (line: string) =>
        Effect.suspend(() => {
          begun++
          return Effect.zipRight(
            Deferred.await(read),
            Effect.sync(() => said.push(line))
          )
        })
      const open = yield* traced(say)(WireConstructor)
      const heard: Array<unknown> = []
      const listener: WireListener = {
        onOpen: () => {},
        onActivity: () => {},
        onFrame: (frame) => heard.push(frame),
        onEnd: () => {}
      }
      open({ url: "ws://test", subprotocols: ["a"], headers: {}, maxFrameSize: 1000 }, listener)
      const server = yield* TestServer.TestServer
      const connection = yield* server.accept
      yield* connection.open("a")
      for (let i = 0; i < 5000; i++) yield* connection.sendFrame(`${i}`)
      // What is traced is heard, whoever reads the trace.
      assert.lengthOf(heard, 5000)
      assert.strictEqual(begun, 1000)

      yield* Deferred.succeed(read, undefined)
      yield* Effect.repeatN(Effect.yieldNow(), 100)
      assert.lengthOf(said, 1000)
      yield* connection.sendFrame("last")
      yield* Effect.repeatN(Effect.yieldNow(), 100)
      assert.deepStrictEqual(said.slice(1000), [
        "4002 lines are left out, which nobody read in time",
        "← last"
      ])
    }).pipe(
      Effect.provide(
        Layer.merge(
          TestServer.layer,
          Layer.succeed(
            HttpClient.HttpClient,
            HttpClient.make(() => Effect.never)
          )
        )
      )
    )
  )
})
