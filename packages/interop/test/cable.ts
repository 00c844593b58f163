/**
 * What a server that speaks Action Cable is for browsers: Rails' own client talks to it, and graphql-ruby's
 * on top of that.
 */
import { assert, it } from "@effect/vitest"
import { adapters, ConnectionMonitor, type Consumer, createConsumer } from "@rails/actioncable"
import { createActionCableHandler } from "graphql-ruby-client/subscriptions/createActionCableHandler.js"
import { fork, spawnSync } from "node:child_process"
import { once } from "node:events"
import { createRequire } from "node:module"
import { type AddressInfo, createServer } from "node:net"
import { setTimeout as delay } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, beforeEach, vi } from "vitest"
import { type ClientOptions, WebSocket } from "ws"
import { credentials, host, type Options, path } from "../src/servers/server.js"

declare module "@rails/actioncable" {
  /** It is exported, and missing from the types. In seconds. */
  export const ConnectionMonitor: { staleThreshold: number }
}

const file = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

interface Frame {
  readonly type?: string
  readonly message?: unknown
}

/** What the servers have sent since the test began, but for pings, and how they closed. */
let frames: Array<Frame> = []
let closes: Array<number> = []

let options: ClientOptions = {}

class Recorded extends WebSocket {
  constructor(url: string, subprotocols: Array<string>) {
    super(url, subprotocols, options)
    this.on("message", (bytes) => {
      // Type boundary: every frame is an object of these fields, or a test fails.
      const frame = JSON.parse(String(bytes)) as Frame
      if (frame.type !== "ping") frames.push(frame)
    })
    this.on("close", (code) => closes.push(code))
  }
}

/** Everything that was started, to be ended. */
const ends: Array<() => unknown> = []

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, host)
  await once(server, "listening")
  // Type boundary: the address of a server that listens on a TCP port.
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

const serve = async (module: string, options: Options, port: number) => {
  const args = [module, String(port), JSON.stringify(options)]
  const child = fork(file("../dist/serverProcess.js"), args)
  ends.push(() => child.connected && child.disconnect())
  const ended = once(child, "exit")
  await Promise.race([once(child, "message"), ended])
  assert.isNull(child.exitCode, `${module} did not start`)
  return async () => {
    child.kill("SIGTERM")
    await ended
  }
}

const consumer = (port: number, search = ""): Consumer => {
  const consumer = createConsumer(`ws://${host}:${port}${path}${search}`)
  ends.push(() => consumer.disconnect())
  return consumer
}

/** What graphql-ruby's client says to Relay, in order. With Relay, every operation has a name. */
const operate = (cable: Consumer, text: string, variables: object = {}) => {
  const events: Array<unknown> = []
  const { dispose } = createActionCableHandler({ cable })(
    { text, name: "Test" },
    variables,
    {},
    {
      onNext: ({ data }: { readonly data: unknown }) => events.push(data),
      onError: (errors: unknown) => events.push({ errors }),
      onCompleted: () => events.push("completed")
    }
  )
  return { events, dispose }
}

const until = (check: () => void): Promise<void> =>
  vi.waitFor(check, { timeout: 15_000, interval: 10 })

const become = (events: ReadonlyArray<unknown>, expected: ReadonlyArray<unknown>) =>
  until(() => assert.deepStrictEqual(events, expected))

/** The tests of a module of `servers/`. What it needs is there. */
export const speaksActionCable = (module: string): void => {
  let port: number
  let strict: number

  beforeAll(async () => {
    // Rails' client is for browsers: it wants to know when somebody looks at the page.
    vi.stubGlobal("addEventListener", () => {})
    vi.stubGlobal("removeEventListener", () => {})
    // Type boundary: all that the client needs of the browser's own.
    adapters.WebSocket = Recorded as unknown as typeof adapters.WebSocket
    const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc")
    const { status, stdout } = spawnSync(process.execPath, [
      tsc,
      "-b",
      file("../tsconfig.src.json")
    ])
    assert.strictEqual(status, 0, String(stdout))
    port = await freePort()
    await serve(module, { auth: false }, port)
    strict = await freePort()
    await serve(module, { auth: true }, strict)
  }, 120_000)

  afterAll(() => {
    ends.forEach((end) => end())
    vi.unstubAllGlobals()
  })

  beforeEach(() => {
    frames = []
    closes = []
    options = {}
  })

  it("answers a query, and has no more", async () => {
    const text = "query Test($name: String!) { hello(name: $name) }"
    const { events } = operate(consumer(port), text, { name: "Ada" })
    await become(events, [{ hello: "Hello, Ada!" }, "completed"])
    assert.deepStrictEqual(frames[0], { type: "welcome" })
    assert.strictEqual(frames[1]?.type, "confirm_subscription")
  })

  it("answers mutations", async () => {
    const cable = consumer(port)
    const first = operate(cable, "mutation Test { bump(by: 2) }").events
    await until(() => assert.strictEqual(first.length, 2))
    const second = operate(cable, "mutation Test { bump(by: 3) }").events
    await until(() => assert.strictEqual(second.length, 2))
    assert.deepStrictEqual(first, [{ bump: 2 }, "completed"])
    assert.deepStrictEqual(second, [{ bump: 5 }, "completed"])
  })

  it("gives a subscription's results after an empty one, and its end by itself", async () => {
    const text = "subscription Test($to: Int!) { count(to: $to) }"
    const { events } = operate(consumer(port), text, { to: 3 })
    await become(events, [{}, { count: 1 }, { count: 2 }, { count: 3 }, "completed"])
    assert.deepStrictEqual(frames.at(2)?.message, { result: { data: {} }, more: true })
    assert.deepStrictEqual(frames.at(-1)?.message, { more: false })
  })

  it("says which field failed", async () => {
    const { events } = operate(consumer(port), "query Test { fails }")
    const locations = [{ line: 1, column: 14 }]
    const extensions = { code: "ON_PURPOSE" }
    const error = { message: "failed on purpose", locations, path: ["fails"], extensions }
    await become(events, [{ errors: [error] }, "completed"])
    const result = { data: { fails: null }, errors: [error] }
    assert.deepStrictEqual(frames.at(-1)?.message, { result, more: false })
  })

  for (const [operation, more] of [
    ["query", false],
    ["subscription", true]
  ] as const) {
    it(`refuses a ${operation} that is not valid, and promises ${more ? "" : "no "}more`, async () => {
      operate(consumer(port), `${operation} Test { nope }`)
      await until(() => assert.strictEqual(frames.length, 3))
      // Type boundary: of a result that must be one of errors, or the test fails.
      const message = frames[2]?.message as Refusal
      assert.match(message.result.errors[0]?.message ?? "", /nope/)
      assert.notProperty(message.result, "data")
      assert.strictEqual(message.more, more)
      if (!more) return
      await delay(200)
      assert.strictEqual(frames.length, 3)
    })
  }

  it("sends no results after it was told to unsubscribe", async () => {
    const cable = consumer(port)
    const { dispose, events } = operate(cable, "subscription Test { ticks }")
    await until(() => assert.deepStrictEqual(events.slice(0, 3), [{}, { ticks: 1 }, { ticks: 2 }]))
    dispose()
    await until(() => assert.deepStrictEqual(frames.at(-1)?.message, { more: false }))
    const before = frames.length
    await delay(300)
    assert.strictEqual(frames.length, before)
    // And goes on with the others of that connection.
    const other = operate(cable, 'query Test { hello(name: "Ada") }').events
    await become(other, [{ hello: "Hello, Ada!" }, "completed"])
  })

  it("rejects a channel without credentials, and takes one with them", async () => {
    const cable = consumer(strict)
    const events: Array<unknown> = []
    const subscribe = (authorization: string | undefined) => {
      const channel = cable.subscriptions.create(
        { channel: "GraphqlChannel", authorization },
        {
          connected: () =>
            void channel.perform("execute", { query: '{ hello(name: "Ada") }', variables: "{}" }),
          received: (message: unknown) => events.push(message),
          rejected: () => events.push("rejected")
        }
      )
    }
    subscribe(undefined)
    await become(events, ["rejected"])
    subscribe("Bearer bad")
    await become(events, ["rejected", "rejected"])
    subscribe(credentials)
    const answer = { result: { data: { hello: "Hello, Ada!" } }, more: false }
    await become(events, ["rejected", "rejected", answer])
  })

  for (const [where, search, headers] of [
    ["a header", "", { authorization: "Bearer bad" }],
    ["a parameter", "?authorization=bad", {}]
  ] as const) {
    it(`refuses the connection for wrong credentials in ${where}, for good`, async () => {
      options = { headers }
      let willAttemptReconnect: boolean | undefined = true
      consumer(strict, search).subscriptions.create("GraphqlChannel", {
        disconnected: (event: { readonly willAttemptReconnect: boolean | undefined }) => {
          willAttemptReconnect = event.willAttemptReconnect
        }
      })
      await until(() => assert.deepStrictEqual(closes, [1000]))
      const frame = { type: "disconnect", reason: "unauthorized", reconnect: false }
      assert.deepStrictEqual(frames, [frame])
      await until(() => assert.isFalse(willAttemptReconnect))
    })
  }

  it("says that it restarts, and serves those who come back", async () => {
    // Else it takes them six seconds and more to come.
    ConnectionMonitor.staleThreshold = 1
    const port = await freePort()
    const stop = await serve(module, { auth: false }, port)
    const { events } = operate(consumer(port), "subscription Test { ticks }")
    await until(() => assert.deepStrictEqual(events.slice(0, 3), [{}, { ticks: 1 }, { ticks: 2 }]))
    await stop()
    await until(() => assert.deepStrictEqual(closes, [1000]))
    const frame = { type: "disconnect", reason: "server_restart", reconnect: true }
    assert.deepStrictEqual(frames.at(-1), frame)
    const before = events.length
    await serve(module, { auth: false }, port)
    await until(() => assert.deepStrictEqual(events.slice(before, before + 2), [{}, { ticks: 1 }]))
  }, 60_000)
}

interface Refusal {
  readonly result: { readonly errors: ReadonlyArray<{ readonly message: string }> }
  readonly more: boolean
}
