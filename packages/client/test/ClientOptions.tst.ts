import type { ClientOptions } from "@fiberline/client/ClientOptions"
import * as GraphQLClient from "@fiberline/client/GraphQLClient"
import type { WireConstructor } from "@fiberline/client/Wire"
import * as Config from "effect/Config"
import type { ConfigError } from "effect/ConfigError"
import type { Effect } from "effect/Effect"
import type { Layer } from "effect/Layer"
import type { Redacted } from "effect/Redacted"
import type { Scope } from "effect/Scope"
import { describe, expect, test } from "tstyche"

type Client = GraphQLClient.GraphQLClient

const url = "wss://example.com/graphql"

/** An effect that fails with anything at all, and needs a service. */
declare const discover: Effect<string, "NoDns" | Error, "Discovery">
declare const credentials: Effect<{ readonly authorization: Redacted<string> }, Error, "Tokens">

declare const secret: Redacted<string>
declare const secretPayload: Redacted<{ readonly token: string }>
declare const port: Effect<number>
declare const resolve: Effect<URL, "NoDns">
declare const perhaps: Effect<undefined, never, "Tokens">
declare const config: Config.Config<ClientOptions>

describe("a client with plain options", () => {
  test("needs only what opens its sockets, and a scope where it is no layer", () => {
    expect(GraphQLClient.layer({ url })).type.toBe<Layer<Client, never, WireConstructor>>()
    expect(GraphQLClient.make({ url })).type.toBe<
      Effect<GraphQLClient.Service, never, WireConstructor | Scope>
    >()
  })

  test("takes the URL as a text, a URL or a secret, and nothing else", () => {
    expect(GraphQLClient.layer).type.toBeCallableWith({ url })
    expect(GraphQLClient.layer).type.toBeCallableWith({ url: new URL(url) })
    expect(GraphQLClient.layer).type.toBeCallableWith({ url: secret })
    expect(GraphQLClient.layer).type.not.toBeCallableWith({ url: 1 })
    expect(GraphQLClient.layer).type.not.toBeCallableWith({ url: undefined })
    expect(GraphQLClient.layer).type.not.toBeCallableWith({ url: port })
    expect(GraphQLClient.layer).type.not.toBeCallableWith({})
    expect(GraphQLClient.layer).type.not.toBeCallableWith()
  })
})

describe("an option that is an effect", () => {
  test("is an option of the client's, whatever it fails with", () => {
    expect(GraphQLClient.layer({ url: resolve })).type.toBe<Layer<Client, never, WireConstructor>>()
  })

  test("passes on what it needs, as the URL", () => {
    expect(GraphQLClient.layer({ url: discover })).type.toBe<
      Layer<Client, never, "Discovery" | WireConstructor>
    >()
    expect(GraphQLClient.make({ url: discover })).type.toBe<
      Effect<GraphQLClient.Service, never, "Discovery" | WireConstructor | Scope>
    >()
  })

  test("passes on what it needs, as the headers", () => {
    expect(GraphQLClient.layer({ url, headers: credentials })).type.toBe<
      Layer<Client, never, "Tokens" | WireConstructor>
    >()
  })

  test("passes on what it needs, as the connection's payload", () => {
    expect(GraphQLClient.layer({ url, connectionPayload: credentials })).type.toBe<
      Layer<Client, never, "Tokens" | WireConstructor>
    >()
    expect(GraphQLClient.make({ url, connectionPayload: perhaps })).type.toBe<
      Effect<GraphQLClient.Service, never, "Tokens" | WireConstructor | Scope>
    >()
  })

  test("passes on what it needs beside another that needs something else", () => {
    expect(
      GraphQLClient.layer({ url: discover, headers: credentials, connectionPayload: perhaps })
    ).type.toBe<Layer<Client, never, "Discovery" | "Tokens" | WireConstructor>>()
    expect(GraphQLClient.make({ url: discover, connectionPayload: perhaps })).type.toBe<
      Effect<GraphQLClient.Service, never, "Discovery" | "Tokens" | WireConstructor | Scope>
    >()
  })

  test("has to give what the option is", () => {
    expect(GraphQLClient.layer).type.toBeCallableWith({ url, headers: credentials })
    expect(GraphQLClient.layer).type.not.toBeCallableWith({ url, headers: discover })
    expect(GraphQLClient.layer).type.not.toBeCallableWith({ url, connectionPayload: discover })
  })
})

describe("the options", () => {
  test("are checked for typos", () => {
    expect(GraphQLClient.layer).type.toBeCallableWith({ url, ackTimeout: "1 second" })
    expect(GraphQLClient.layer).type.not.toBeCallableWith({ url, ackTimout: "1 second" })
    expect(GraphQLClient.make).type.toBeCallableWith({ url, maxFrameSize: 1 })
    expect(GraphQLClient.make).type.not.toBeCallableWith({ url, maxFramesize: 1 })
    expect(GraphQLClient.layerConfig).type.toBeCallableWith({ url: Config.string("URL") })
    expect(GraphQLClient.layerConfig).type.not.toBeCallableWith({ uri: Config.string("URL") })
  })

  test("are checked for typos on the inside, too", () => {
    expect(GraphQLClient.layer).type.toBeCallableWith({ url, keepalive: { interval: 1 } })
    expect(GraphQLClient.layer).type.not.toBeCallableWith({ url, keepalive: { intervall: 1 } })
    expect(GraphQLClient.layer).type.toBeCallableWith({ url, buffer: { strategy: "fail" } })
    expect(GraphQLClient.layer).type.not.toBeCallableWith({ url, buffer: { strategy: "fails" } })
    expect(GraphQLClient.layer).type.not.toBeCallableWith({ url, buffer: { size: 1 } })
  })

  test("are durations where they are times", () => {
    expect(GraphQLClient.layer).type.toBeCallableWith({ url, closeTimeout: 5000 })
    expect(GraphQLClient.layer).type.not.toBeCallableWith({ url, closeTimeout: "5 secs" })
    expect(GraphQLClient.layer).type.not.toBeCallableWith({ url, closeTimeout: false })
  })

  test("can do without a keepalive, but not with an unsaid one", () => {
    expect(GraphQLClient.layer).type.toBeCallableWith({ url, keepalive: false })
    expect(GraphQLClient.layer).type.not.toBeCallableWith({ url, keepalive: true })
  })

  test("may each be undefined, but for the URL", () => {
    expect(GraphQLClient.layer).type.toBeCallableWith({
      url,
      headers: undefined,
      connectionPayload: undefined,
      connectTimeout: undefined,
      ackTimeout: undefined,
      keepalive: undefined,
      closeTimeout: undefined,
      operationTimeout: undefined,
      maxFrameSize: undefined,
      buffer: undefined
    })
  })

  test("take secrets where secrets go", () => {
    expect(GraphQLClient.layer).type.toBeCallableWith({ url, headers: { authorization: secret } })
    expect(GraphQLClient.layer).type.not.toBeCallableWith({ url, headers: { retries: 1 } })
    expect(GraphQLClient.layer).type.toBeCallableWith({ url, connectionPayload: { token: secret } })
    expect(GraphQLClient.layer).type.toBeCallableWith({
      url,
      connectionPayload: secretPayload
    })
  })

  test("can be kept in a value of their own", () => {
    const options: ClientOptions<"Discovery" | "Tokens"> = { url: discover, headers: credentials }
    expect(GraphQLClient.layer(options)).type.toBe<
      Layer<Client, never, "Discovery" | "Tokens" | WireConstructor>
    >()
  })
})

describe("a client whose options come from configuration", () => {
  test("can fail with what is wrong with the configuration", () => {
    expect(GraphQLClient.layerConfig({ url: Config.string("URL") })).type.toBe<
      Layer<Client, ConfigError, WireConstructor>
    >()
  })

  test("takes each option, or all of them, from there", () => {
    expect(GraphQLClient.layerConfig).type.toBeCallableWith({
      url: Config.redacted("URL"),
      connectTimeout: Config.duration("CONNECT_TIMEOUT"),
      maxFrameSize: Config.integer("MAX_FRAME_SIZE"),
      buffer: { capacity: Config.integer("CAPACITY") }
    })
    expect(GraphQLClient.layerConfig).type.toBeCallableWith(config)
    expect(GraphQLClient.layerConfig).type.not.toBeCallableWith({ url: Config.integer("URL") })
    expect(GraphQLClient.layerConfig).type.not.toBeCallableWith({ url })
  })
})
