/**
 * Amplify itself against the AppSync of ours: that it takes it for AppSync, in every way of giving
 * credentials, is what makes it a witness. And what Amplify never says, said by hand.
 */
import { GraphQLAPI, type GraphQLOptions } from "@aws-amplify/api-graphql"
import { Amplify, ConsoleLogger } from "@aws-amplify/core"
import { Sha256 } from "@aws-crypto/sha256-js"
import { assert, describe, it } from "@effect/vitest"
import { SignatureV4 } from "@smithy/signature-v4"
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { setTimeout as delay } from "node:timers/promises"
import { afterAll, afterEach, beforeAll, vi } from "vitest"
import { WebSocket } from "ws"
import { tickMillis } from "../src/schema.js"
import {
  attach,
  permanent,
  type RealtimeOptions,
  refused,
  temporary
} from "../src/servers/appSync.js"
import { type Identity, region, service } from "../src/servers/appsync/signature.js"
import { credentials, host, path } from "../src/servers/server.js"

interface Failure {
  readonly errorType?: string
  readonly message: string
  readonly errorCode?: number
}

interface Said {
  readonly by: "client" | "server"
  readonly type: string
  readonly id?: string
  readonly payload?: {
    readonly data?: unknown
    readonly errors?: ReadonlyArray<Failure>
    readonly connectionTimeoutMs?: number
    readonly extensions?: unknown
  }
}

const closers: Array<() => void> = []
afterEach(() => {
  vi.useRealTimers()
  for (const close of closers.splice(0)) close()
})

/** A server, and all that was said on its sockets. */
const serve = async (options: Partial<RealtimeOptions> = {}) => {
  const said: Array<Said> = []
  const server = createServer()
  attach(server, {
    auth: true,
    trace: (by, text) => said.push({ by, ...message(text) }),
    ...options
  })
  server.listen(0, host)
  await once(server, "listening")
  // Type boundary: the address of a server that listens on a TCP port.
  const { port } = server.address() as AddressInfo
  const sockets = new Set<{ destroy: () => void }>()
  server.on("connection", (socket) => sockets.add(socket))
  closers.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const by = (who: Said["by"]) => said.filter((message) => message.by === who)
  return { authority: `${host}:${port}`, endpoint: `http://${host}:${port}${path}`, said, by }
}

const message = (text: string): Omit<Said, "by"> => {
  try {
    // Type boundary: a message of another shape fails its test.
    return JSON.parse(text) as Omit<Said, "by">
  } catch {
    return { type: "no message" }
  }
}

const eventually = (assertion: () => void, timeout = 10_000) =>
  vi.waitFor(assertion, { timeout, interval: 20 })

const types = (said: ReadonlyArray<Said>) => said.map(({ type }) => type)
const of = (said: ReadonlyArray<Said>, id: string | undefined) =>
  said.filter((message) => message.id === id)
const isComplete = ({ type }: Said) => type === "complete"
const isKeepalive = ({ type }: Said) => type === "ka"
const data = (said: ReadonlyArray<Said>) =>
  said.flatMap(({ payload, type }) => (type === "data" ? [payload?.data] : []))

const counted = [1, 2, 3].map((count) => ({ count }))

describe("Amplify", () => {
  let identity: Identity = permanent
  let token = credentials

  beforeAll(() => {
    ConsoleLogger.LOG_LEVEL = "NONE"
    // Amplify insists on `wss:`. TLS is no part of what is asked here.
    vi.stubGlobal(
      "WebSocket",
      class extends WebSocket {
        constructor(url: string, subprotocols: Array<string>) {
          super(url.replace("wss:", "ws:"), subprotocols)
        }
      }
    )
    const pool = { userPoolId: "us-east-1_pool", userPoolClientId: "client" }
    Amplify.configure(
      {
        API: {
          GraphQL: { endpoint: "", region: "us-east-1", defaultAuthMode: "apiKey" }
        },
        Auth: { Cognito: { ...pool, identityPoolId: "us-east-1:pool" } }
      },
      {
        Auth: {
          tokenProvider: {
            getTokens: () =>
              Promise.resolve({ accessToken: { toString: () => token, payload: {} } })
          },
          credentialsProvider: {
            getCredentialsAndIdentityId: () => Promise.resolve({ credentials: { ...identity } }),
            clearCredentialsAndIdentityId: () => {}
          }
        }
      }
    )
  })
  afterAll(() => {
    vi.unstubAllGlobals()
  })

  const request = (options: GraphQLOptions & { readonly endpoint: string }) =>
    // Type boundary: of a query and of a mutation it makes a promise, of a subscription it does not.
    GraphQLAPI.graphql(Amplify, options) as Promise<unknown>

  /** What reaches a subscriber. Amplify tells nobody that a subscription has ended. */
  const subscribe = (options: GraphQLOptions & { readonly endpoint: string }) => {
    const results: Array<unknown> = []
    const errors: Array<string> = []
    // Type boundary: the observable that a subscription makes.
    const observable = GraphQLAPI.graphql(Amplify, options) as {
      subscribe: (observer: {
        next: (result: { readonly data: unknown }) => void
        error: (error: { readonly errors: ReadonlyArray<{ readonly message: string }> }) => void
      }) => { unsubscribe: () => void }
    }
    const subscription = observable.subscribe({
      next: ({ data }) => results.push(data),
      error: (error) => errors.push(...error.errors.map(({ message }) => message))
    })
    closers.unshift(() => subscription.unsubscribe())
    return { results, errors, unsubscribe: () => subscription.unsubscribe() }
  }

  const wrongSecret = { ...permanent, secretAccessKey: "another" }
  const { accessKeyId, secretAccessKey } = temporary
  interface Mode {
    readonly name: string
    readonly options: Partial<GraphQLOptions>
    readonly given?: () => void
    readonly wrong: Partial<GraphQLOptions>
    readonly wrongGiven?: () => void
  }
  const modes: ReadonlyArray<Mode> = [
    {
      name: "an API key",
      options: { authMode: "apiKey", apiKey: credentials },
      wrong: { authMode: "apiKey", apiKey: "another" }
    },
    {
      name: "OIDC or Cognito",
      options: { authMode: "oidc" },
      given: () => (token = credentials),
      wrong: { authMode: "userPool" },
      wrongGiven: () => (token = "another")
    },
    {
      name: "a Lambda authorizer",
      options: { authMode: "lambda", authToken: credentials },
      wrong: { authMode: "lambda", authToken: "another" }
    },
    {
      name: "IAM",
      options: { authMode: "iam" },
      given: () => (identity = permanent),
      wrong: { authMode: "iam" },
      wrongGiven: () => (identity = wrongSecret)
    },
    {
      name: "IAM, for a while",
      options: { authMode: "iam" },
      given: () => (identity = temporary),
      wrong: { authMode: "iam" },
      wrongGiven: () => (identity = { accessKeyId, secretAccessKey })
    }
  ]

  for (const { given, name, options, wrong, wrongGiven } of modes) {
    describe(`with ${name}`, () => {
      it("queries and mutates", async () => {
        given?.()
        const { endpoint } = await serve()
        const query = "query ($name: String!) { hello(name: $name) }"
        const hello = await request({ ...options, endpoint, query, variables: { name: "Ada" } })
        assert.deepStrictEqual(hello, { data: { hello: "Hello, Ada!" } })
        const mutation = "mutation { bump(by: 0) }"
        assert.property(await request({ ...options, endpoint, query: mutation }), "data")
      })

      it("subscribes, to the end", async () => {
        given?.()
        const { by, endpoint } = await serve()
        const query = "subscription ($to: Int!) { count(to: $to) }"
        const { errors, results } = subscribe({ ...options, endpoint, query, variables: { to: 3 } })
        await eventually(() => assert.include(types(by("server")), "complete"))
        await eventually(() => assert.deepStrictEqual(results, counted))
        assert.deepStrictEqual(errors, [])
        assert.deepStrictEqual(types(by("client")), ["connection_init", "start"])
        const answers = ["connection_ack", "ka", "start_ack", "data", "data", "data", "complete"]
        assert.deepStrictEqual(types(by("server")), answers)
      })

      it("is refused with wrong ones", async () => {
        wrongGiven?.()
        const { by, endpoint } = await serve()
        const denied = await request({ ...wrong, endpoint, query: "{ user { name } }" }).then(
          () => assert.fail("it was served"),
          (reason: unknown) => JSON.stringify(reason)
        )
        assert.include(denied, "Unauthorized")
        const { errors } = subscribe({ ...wrong, endpoint, query: "subscription { ticks }" })
        await eventually(() => assert.lengthOf(errors, 1))
        assert.include(errors[0], "UnauthorizedException")
        assert.deepStrictEqual(types(by("client")), ["connection_init"])
        const errorType = "UnauthorizedException"
        const message = "You are not authorized to make this call."
        assert.deepStrictEqual(by("server"), [
          {
            by: "server",
            type: "connection_error",
            payload: { errors: [{ errorType, message, errorCode: 401 }] }
          }
        ])
      })
    })
  }

  const key = { authMode: "apiKey", apiKey: credentials } as const

  it("stops what it unsubscribes from, and what else there is goes on", async () => {
    const { by, endpoint } = await serve()
    const stopped = subscribe({ ...key, endpoint, query: "subscription { ticks }" })
    const other = subscribe({ ...key, endpoint, query: "subscription { ticks }" })
    await eventually(() =>
      assert.isAtLeast(Math.min(stopped.results.length, other.results.length), 2)
    )
    stopped.unsubscribe()
    await eventually(() => assert.include(types(by("server")), "complete"))
    const id = by("client").find(({ type }) => type === "stop")?.id
    assert.strictEqual(by("server").find(isComplete)?.id, id)

    const { length } = other.results
    await eventually(() => assert.isAtLeast(other.results.length, length + 3))
    assert.strictEqual(types(of(by("server"), id)).at(-1), "complete")
    assert.deepStrictEqual(other.errors, [])
  })

  it("hears that one subscription is none, and what else there is goes on", async () => {
    const { endpoint } = await serve()
    const other = subscribe({ ...key, endpoint, query: "subscription { ticks }" })
    await eventually(() => assert.isNotEmpty(other.results))
    const { errors } = subscribe({ ...key, endpoint, query: "subscription { none }" })
    await eventually(() => assert.lengthOf(errors, 1))
    assert.include(errors[0], "Cannot query field")
    const { length } = other.results
    await eventually(() => assert.isAtLeast(other.results.length, length + 3))
    assert.deepStrictEqual(other.errors, [])
  })

  it("hears that one subscription is denied", async () => {
    const { by, endpoint } = await serve({ auth: false })
    subscribe({ ...key, endpoint, query: "subscription { ticks }" })
    await eventually(() => assert.include(types(by("server")), "data"))
    const denied = { ...key, authMode: "lambda", authToken: refused } as const
    const { errors } = subscribe({ ...denied, endpoint, query: "subscription { ticks }" })
    // It closes the connection then, and opens another: AppSync does not ask that of it.
    await eventually(() => assert.deepStrictEqual(errors, ["Unauthorized"]))
    const [, second] = by("client").filter(({ type }) => type === "start")
    assert.deepStrictEqual(
      of(by("server"), second?.id).map(({ payload, type }) => [
        type,
        payload?.errors?.[0]?.errorType
      ]),
      [["error", "UnauthorizedException"]]
    )
  })

  it("signs just what it starts, for a while", async () => {
    identity = permanent
    const { by, said, endpoint, authority } = await serve()
    subscribe({ authMode: "iam", endpoint, query: "subscription { count(to: 1) }" })
    await eventually(() => assert.include(types(by("server")), "complete"))
    const { payload } = by("client").find(({ type }) => type === "start") ?? {}
    // Its credentials for the connection are not recorded, and a key does as well.
    const socket = await open(endpoint, { host: authority, "x-api-key": credentials })
    said.length = 0
    const start = (id: string, data: unknown) =>
      socket.send(JSON.stringify({ type: "start", id, payload: { ...payload, data } }))
    const answer = (id: string) => of(by("server"), id)[0]?.type
    const answered = (id: string) => eventually(() => assert.isDefined(answer(id)))

    start("again", payload?.data)
    await answered("again")
    assert.strictEqual(answer("again"), "start_ack")
    start("changed", `${String(payload?.data)} `)
    await answered("changed")
    assert.strictEqual(answer("changed"), "error")
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 6 * 60_000 })
    start("late", payload?.data)
    await answered("late")
    assert.strictEqual(answer("late"), "error")
  })
})

describe("what Amplify never says", () => {
  const key = (authority: string) => ({ host: authority, "x-api-key": credentials })
  const init = JSON.stringify({ type: "connection_init" })
  const start = (id: string, query: string, authorization: unknown) =>
    JSON.stringify({
      type: "start",
      id,
      payload: { data: JSON.stringify({ query }), extensions: { authorization } }
    })
  const errors = (said: ReadonlyArray<Said>) => said.flatMap(({ payload }) => payload?.errors ?? [])

  it("gives credentials in the URL, as older clients do", async () => {
    const { authority, by, endpoint } = await serve()
    // Of the other alphabet, padded, and with plus signs as they are.
    const base64 = ["", "-", "--"]
      .map((padding) => ({ ...key(authority), filler: `>>>>>>${padding}` }))
      .map((header) => Buffer.from(JSON.stringify(header)).toString("base64"))
      .find((base64) => /\+.*=$/.test(base64))
    assert.isDefined(base64)
    const socket = await open(`${endpoint}?header=${base64}&payload=e30=`)
    socket.send(init)
    await eventually(() => assert.deepStrictEqual(types(by("server")), ["connection_ack", "ka"]))
    assert.deepStrictEqual(by("server")[0]?.payload, { connectionTimeoutMs: 300_000 })
  })

  it("is kept alive, and told for how long", async () => {
    const options = { connectionTimeoutMs: 500, keepaliveMillis: 20 }
    const { authority, by, endpoint } = await serve(options)
    const socket = await open(endpoint, key(authority))
    socket.send(init)
    await eventually(() => assert.isAtLeast(by("server").filter(isKeepalive).length, 4))
    const ack = by("server").find(({ type }) => type === "connection_ack")
    assert.deepStrictEqual(ack?.payload, { connectionTimeoutMs: 500 })
  })

  it("is denied one subscription, and its sibling goes on", async () => {
    const { authority, by, endpoint } = await serve()
    const socket = await open(endpoint, key(authority))
    socket.send(start("sibling", "subscription { ticks }", key(authority)))
    await eventually(() => assert.isNotEmpty(data(by("server"))))
    const denied = { ...key(authority), "x-api-key": "another" }
    socket.send(start("denied", "subscription { ticks }", denied))
    await eventually(() => assert.isNotEmpty(of(by("server"), "denied")))
    const { length } = data(by("server"))
    await eventually(() => assert.isAtLeast(data(by("server")).length, length + 3))
    assert.deepStrictEqual(of(by("server"), "denied"), [
      {
        by: "server",
        id: "denied",
        type: "error",
        payload: {
          errors: [{ errorType: "UnauthorizedException", message: "Permission denied" }]
        }
      }
    ])
    assert.strictEqual(socket.readyState, WebSocket.OPEN)
  })

  it("starts a second of the same name, and the first goes on", async () => {
    const { authority, by, endpoint } = await serve()
    const socket = await open(endpoint, key(authority))
    // Nothing has to be said before.
    socket.send(start("one", "subscription { count(to: 3) }", key(authority)))
    socket.send(start("one", "subscription { ticks }", key(authority)))
    await eventually(() => assert.include(types(by("server")), "complete"))
    const message = "Duplicated operation with id one"
    assert.deepStrictEqual(errors(by("server")), [
      { errorType: "DuplicatedOperationError", message }
    ])
    assert.deepStrictEqual(data(by("server")), counted)
  })

  it("is told nothing more of what it stopped before it began", async () => {
    const { authority, by, endpoint } = await serve()
    const socket = await open(endpoint, key(authority))
    for (const [id, key] of [
      ["one", credentials],
      ["denied", "another"]
    ] as const) {
      const authorization = { host: authority, "x-api-key": key }
      socket.send(start(id, "subscription { ticks }", authorization))
      socket.send(JSON.stringify({ type: "stop", id }))
    }
    socket.send(start("two", "subscription { count(to: 3, everyMillis: 50) }", key(authority)))
    await eventually(() => assert.isNotEmpty(of(by("server"), "two").filter(isComplete)))
    assert.deepStrictEqual(types(of(by("server"), "one")), ["complete"])
    assert.deepStrictEqual(types(of(by("server"), "denied")), ["complete"])
  })

  it("is gone, and with it what it subscribed to", async () => {
    const { authority, by, endpoint } = await serve()
    const socket = await open(endpoint, key(authority))
    socket.send(start("one", "subscription { ticks }", key(authority)))
    await eventually(() => assert.isNotEmpty(data(by("server"))))
    socket.terminate()
    await delay(2 * tickMillis)
    const { length } = by("server")
    await delay(4 * tickMillis)
    assert.lengthOf(by("server"), length)
  })

  it("signs for another host, or with a token that is nobody's", async () => {
    const { authority, by, endpoint } = await serve()
    const socket = await open(endpoint, key(authority))
    const data = JSON.stringify({ query: "subscription { count(to: 1) }" })
    const signed = async (id: string, headers: Record<string, string>) => {
      const signer = { credentials: permanent, region, service, sha256: Sha256 }
      const request = { method: "POST", protocol: "https:", hostname: host, path, body: data }
      const { headers: given } = await new SignatureV4(signer).sign({ ...request, headers })
      const payload = {
        data,
        extensions: { authorization: { ...given, host: authority } }
      }
      socket.send(JSON.stringify({ type: "start", id, payload }))
      await eventually(() => assert.isNotEmpty(of(by("server"), id)))
      return of(by("server"), id)[0]?.type
    }
    assert.strictEqual(await signed("right", { host: authority }), "start_ack")
    assert.strictEqual(await signed("another", { host: "elsewhere.example" }), "error")
    assert.strictEqual(await signed("none", {}), "error")
    const token = { "x-amz-security-token": "nobody's" }
    assert.strictEqual(await signed("token", { host: authority, ...token }), "error")
  })

  const unsupported = (operation: string) => ({
    errorType: "UnsupportedOperation",
    message: `${operation} not supported through the realtime channel`
  })

  for (const operation of ["query", "mutation"]) {
    it(`starts a ${operation}`, async () => {
      const { authority, by, endpoint } = await serve()
      const socket = await open(endpoint, key(authority))
      const field = operation === "query" ? "user { name }" : "bump(by: 1)"
      socket.send(start("one", `${operation} { ${field} }`, key(authority)))
      await eventually(() => assert.isNotEmpty(by("server")))
      assert.deepStrictEqual(errors(of(by("server"), "one")), [unsupported(operation)])
    })
  }

  it("starts what is no document, or without what is required", async () => {
    const { authority, by, endpoint } = await serve()
    const socket = await open(endpoint, key(authority))
    socket.send(start("syntax", "subscription {", key(authority)))
    socket.send(start("host", "subscription { ticks }", { "x-api-key": credentials }))
    socket.send(JSON.stringify({ type: "start", id: "none", payload: { query: "{ a }" } }))
    socket.send("[")
    await eventually(() => assert.lengthOf(by("server"), 4))
    assert.match(errors(of(by("server"), "syntax"))[0]?.message ?? "", /^Syntax Error/)
    assert.strictEqual(
      errors(of(by("server"), "host"))[0]?.message,
      "Required headers are missing."
    )
    assert.deepStrictEqual(errors(of(by("server"), "none")), [unsupported("unknown")])
    const nobodys = by("server").filter((message) => !("id" in message))
    assert.deepStrictEqual(errors(nobodys), [unsupported("unknown")])
  })

  it("connects without headers, or without a subprotocol", async () => {
    const { authority, by, endpoint } = await serve({ auth: false })
    const refusal = async (socket: WebSocket) => {
      const { length } = by("server")
      socket.send(init)
      await eventually(() => assert.lengthOf(by("server"), length + 1))
      const { payload, type } = by("server")[length] ?? {}
      assert.strictEqual(type, "connection_error")
      return payload?.errors
    }
    const missing = [{ message: "Required headers are missing.", errorCode: 400 }]
    assert.deepStrictEqual(await refusal(await open(endpoint)), missing)
    const elsewhere = { ...key(authority), host: "elsewhere.example" }
    assert.deepStrictEqual(await refusal(await open(endpoint, elsewhere)), missing)
    const header = Buffer.from(JSON.stringify(key(authority))).toString("base64url")
    const without = await open(`${endpoint}?header=${header}`, undefined, [])
    assert.deepStrictEqual(await refusal(without), [{ message: "NoProtocolError", errorCode: 400 }])
    const denied = await refusal(await open(endpoint, { host: authority, Authorization: refused }))
    assert.strictEqual(denied?.[0]?.errorType, "UnauthorizedException")
  })

  it("asks elsewhere, and subscribes by HTTP", async () => {
    const { endpoint } = await serve({ auth: false })
    const socket = new WebSocket(`${endpoint.replace("http:", "ws:")}/elsewhere`)
    // Type boundary: what ws says of an upgrade that is refused.
    const [error] = (await once(socket, "error").catch((error: unknown) => [error])) as [Error]
    assert.strictEqual(error.message, "Unexpected server response: 400")

    const post = (body: string) => fetch(endpoint, { method: "POST", body })
    const subscription = await post(JSON.stringify({ query: "subscription { ticks }" }))
    assert.strictEqual(subscription.status, 400)
    assert.strictEqual(subscription.headers.get("x-amzn-errortype"), "UnsupportedOperation")
    assert.strictEqual((await post("[")).status, 400)
    const fails = await post(JSON.stringify({ query: "{ fails }" }))
    assert.strictEqual(fails.status, 200)
    assert.include(await fails.text(), "failed on purpose")
  })
})

const subprotocol = "graphql-ws"

/** A socket that gives a header as a subprotocol, if it gives one. */
const open = async (endpoint: string, header?: object, subprotocols = [subprotocol]) => {
  const base64 = Buffer.from(JSON.stringify(header ?? {})).toString("base64url")
  const url = endpoint.replace("http:", "ws:")
  const offered = header === undefined ? subprotocols : [...subprotocols, `header-${base64}`]
  const socket = new WebSocket(url, offered)
  closers.unshift(() => socket.terminate())
  await once(socket, "open")
  return socket
}
