import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schedule from "effect/Schedule"
import * as DurationOption from "../../src/options/duration.js"
import * as Keepalive from "../../src/options/keepalive.js"
import * as Retry from "../../src/options/retry.js"
import * as Transport from "../../src/options/transport.js"

describe("a duration", () => {
  const millis = (text: string) =>
    Either.map(DurationOption.parse("--timeout", text), Duration.toMillis).pipe(
      Either.getOrElse(() => "wrong")
    )

  it.each([
    ["500ms", 500],
    ["10s", 10_000],
    ["1.5 s", 1500],
    ["2m", 120_000],
    ["1h", 3_600_000],
    ["10", 10_000],
    ["0.25", 250]
  ])("%s is %d ms", (text, expected) => assert.strictEqual(millis(text), expected))

  it.each(["", "0", "0ms", "-1s", "10 seconds", "1e3", "s", "soon", "999h"])("%s is none", (text) =>
    assert.strictEqual(millis(text), "wrong")
  )
})

describe("--keepalive", () => {
  const parsed = (text: string) => Either.getOrElse(Keepalive.parse(text), () => "wrong")

  it("is an interval and a timeout, an interval, or off", () => {
    assert.deepStrictEqual(parsed("20s/500ms"), {
      interval: Duration.seconds(20),
      timeout: Duration.millis(500)
    })
    assert.deepStrictEqual(parsed("2m"), { interval: Duration.minutes(2) })
    assert.isFalse(parsed("off"))
  })

  it.each(["", "on", "/", "1s/", "/1s", "1s/1s/1s"])("%s is none", (text) =>
    assert.strictEqual(parsed(text), "wrong")
  )
})

describe("--retry", () => {
  /** How often a schedule goes on, at most ten times. */
  const times = (text: string) =>
    Effect.gen(function* () {
      const schedule = Either.getOrThrow(Retry.parse(text))
      if (schedule === false) return 0
      const delays = yield* Schedule.run(schedule, 0, Array.from({ length: 10 }))
      return delays.length - 1
    })

  it.effect("is a number of attempts, forever or none", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* times("3"), 3)
      assert.strictEqual(yield* times("none"), 0)
      assert.strictEqual(yield* times("0"), 0)
      assert.strictEqual(yield* times("forever"), 9)
    })
  )

  it.each(["", "-1", "1.5", "always"])("%s is neither", (text) =>
    assert.isTrue(Either.isLeft(Retry.parse(text)))
  )
})

describe("what carries an operation", () => {
  it("is what was asked for", () => {
    assert.deepStrictEqual(Transport.resolve("query", "ws", false), ["websocket"])
    assert.deepStrictEqual(Transport.resolve("query", "http", true), ["http"])
    assert.deepStrictEqual(Transport.resolve("subscription", "sse", true), ["sse"])
    assert.deepStrictEqual(Transport.resolve("subscription", "multipart", false), ["multipart"])
    assert.deepStrictEqual(Transport.resolve("subscription", "http", false), ["sse"])
  })

  it("over HTTP is a request for all that has one answer", () => {
    assert.deepStrictEqual(Transport.resolve("mutation", "sse", false), ["http"])
    assert.deepStrictEqual(Transport.resolve("query", "multipart", false), ["http"])
  })

  it("over AppSync is a WebSocket for subscriptions alone", () => {
    assert.deepStrictEqual(Transport.resolve("query", "appsync", false), ["http"])
    assert.deepStrictEqual(Transport.resolve("mutation", "appsync", false), ["http"])
    assert.deepStrictEqual(Transport.resolve("subscription", "appsync", false), ["websocket"])
  })

  it("can be a WebSocket for a diagnosis, and nothing else", () => {
    assert.deepStrictEqual(Transport.webSocketChoices, [
      ...(["auto", "ws", "legacy"] as const),
      ...(["phoenix", "phoenix-v1", "actioncable", "appsync"] as const)
    ])
  })

  it("is by the address where nothing was asked for", () => {
    assert.deepStrictEqual(Transport.resolve("query", "auto", true), ["websocket"])
    assert.deepStrictEqual(Transport.resolve("query", "auto", false), ["http"])
    assert.deepStrictEqual(Transport.resolve("subscription", "auto", true), ["websocket"])
    assert.deepStrictEqual(Transport.resolve("subscription", "auto", false), ["websocket", "sse"])
    for (const choice of ["ws", "legacy", "phoenix", "phoenix-v1", "actioncable"] as const) {
      assert.deepStrictEqual(Transport.resolve("query", choice, false), ["websocket"])
      assert.deepStrictEqual(Transport.resolve("subscription", choice, true), ["websocket"])
    }
  })

  it("offers both subprotocols where it is the server's to choose", () => {
    const names = (choice: Transport.Choice) =>
      Transport.subprotocolsOf(choice).map(({ name }) => name)
    assert.deepStrictEqual(names("auto"), ["graphql-ws", "graphql-transport-ws"])
    assert.deepStrictEqual(names("ws"), ["graphql-transport-ws"])
    assert.deepStrictEqual(names("legacy"), ["graphql-ws"])
    assert.deepStrictEqual(names("actioncable"), ["actioncable-v1-json"])
    assert.deepStrictEqual(names("appsync"), ["graphql-ws"])
    const vsn = (choice: Transport.Choice) =>
      Transport.subprotocolsOf(choice).map(({ parameters }) => parameters?.["vsn"])
    assert.deepStrictEqual(vsn("phoenix"), ["2.0.0"])
    assert.deepStrictEqual(vsn("phoenix-v1"), ["1.0.0"])
  })
})
