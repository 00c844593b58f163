/** The server that stands for Phoenix and Absinthe, as their own clients see it. */
import { assert, describe, it } from "@effect/vitest"
import { once } from "node:events"
import { setTimeout as delay } from "node:timers/promises"
import { WebSocket } from "ws"
import { tickMillis } from "../src/schema.js"
import { credentials } from "../src/servers/server.js"
import {
  answer,
  clients,
  controlTopic,
  eventually,
  joined,
  serverOf,
  socketOf,
  upgraded
} from "./support/phoenix.js"

const hello = "query ($name: String!) { hello(name: $name) }"
const path = "/socket/websocket"

/** As either version has it: `ref` of the join first, where there is one. */
interface Frame {
  readonly joinRef?: unknown
  readonly ref: unknown
  readonly topic: string
  readonly event: string
  readonly payload: unknown
}

const frame = (vsn: string, { event, joinRef, payload, ref, topic }: Frame): unknown =>
  vsn === "2.0.0" ? [joinRef, ref, topic, event, payload] : { topic, event, payload, ref }

/** The reference that the client gave to the last frame it has sent. */
const lastRef = (sent: ReadonlyArray<unknown>): unknown => {
  const last = sent.at(-1)
  if (Array.isArray(last)) return last[1]
  return typeof last === "object" && last !== null && "ref" in last ? last.ref : undefined
}

const subscriptionIdOf = (response: unknown): string => {
  // Type boundary: looked at right here.
  const { subscriptionId, ...others } = response as { readonly subscriptionId: string }
  assert.match(subscriptionId, /^__absinthe__:doc:-?\d+:[0-9A-F]{64}$/)
  assert.isEmpty(others)
  return subscriptionId
}

for (const client of clients) {
  describe(`${client.name}, with vsn ${client.vsn}`, () => {
    const { vsn } = client

    it("joins, and has its frames answered to their references", async () => {
      const { channel, received, sent } = await joined(client, await serverOf())
      const joinRef = lastRef(sent)
      const reply = { topic: controlTopic, event: "phx_reply", joinRef }
      assert.deepStrictEqual(received, [
        frame(vsn, { ...reply, ref: joinRef, payload: { status: "ok", response: {} } })
      ])
      await answer(channel.push("doc", { query: hello, variables: { name: "Ada" } }))
      assert.deepStrictEqual(
        received[1],
        frame(vsn, {
          ...reply,
          ref: lastRef(sent),
          payload: { status: "ok", response: { data: { hello: "Hello, Ada!" } } }
        })
      )
    })

    it("has a query and a mutation answered with their data, in order", async () => {
      const { channel } = await joined(client, await serverOf())
      const doc = (query: string, variables?: object | null) =>
        answer(channel.push("doc", { query, variables }))
      assert.deepStrictEqual(await doc(hello, { name: "Ada" }), [
        "ok",
        { data: { hello: "Hello, Ada!" } }
      ])
      const order: Array<string> = []
      const tell = (name: string) => () => order.push(name)
      await Promise.all([
        // It takes a while.
        doc("{ user { biography } }", null).then(tell("slow")),
        doc("mutation { bump(by: 0) }").then(tell("quick"))
      ])
      assert.deepStrictEqual(order, ["slow", "quick"])
    })

    it("is told a field's error with the data, and that is ok", async () => {
      const { channel } = await joined(client, await serverOf())
      const [status, response] = await answer(channel.push("doc", { query: "{ fails }" }))
      assert.strictEqual(status, "ok")
      assert.deepStrictEqual(response, {
        data: { fails: null },
        errors: [
          {
            message: "failed on purpose",
            locations: [{ line: 1, column: 3 }],
            path: ["fails"],
            extensions: { code: "ON_PURPOSE" }
          }
        ]
      })
    })

    for (const [what, payload, expected] of [
      ["is invalid", { query: "{ nonsense }" }, /"nonsense"/],
      ["is an invalid subscription", { query: "subscription { nonsense }" }, /"nonsense"/],
      ["cannot be parsed", { query: "{" }, /Syntax Error/],
      ["is not there", {}, /Syntax Error/],
      // Its channel reads no operationName.
      [
        "has two operations",
        { query: "query A { fails } query B { fails }", operationName: "A" },
        /operation name/
      ],
      ["has wrong variables", { query: hello, variables: { name: 1 } }, /"\$name"/],
      ["has variables that are no map", { query: hello, variables: [] }, /as map/]
    ] as const) {
      it(`is refused a document that ${what}`, async () => {
        const { channel } = await joined(client, await serverOf())
        const [status, response] = await answer(channel.push("doc", payload))
        assert.strictEqual(status, "error")
        assert.isObject(response)
        assert.notProperty(response, "data")
        assert.hasAnyKeys(response, ["errors", "error"])
        assert.match(JSON.stringify(response).replaceAll("\\", ""), expected)
      })
    }

    it("gets what a subscription has, and never an end of it", async () => {
      const server = await serverOf()
      const { channel, received } = await joined(client, server)
      const query = "subscription ($to: Int!) { count(to: $to) }"
      const asked = { query, variables: { to: 3 } }
      const [status, response] = await answer(channel.push("doc", asked))
      assert.strictEqual(status, "ok")
      const subscriptionId = subscriptionIdOf(response)
      await eventually(() => received.length >= 5 && server.running() === 0, "three numbers")
      await delay(50)
      assert.deepStrictEqual(
        received.slice(2),
        [1, 2, 3].map((count) =>
          frame(vsn, {
            joinRef: null,
            ref: null,
            topic: subscriptionId,
            event: "subscription:data",
            payload: { result: { data: { count } }, subscriptionId }
          })
        )
      )
      const [, again] = await answer(channel.push("doc", asked))
      assert.notStrictEqual(subscriptionIdOf(again), subscriptionId)
    })

    it("hears no more of what it has unsubscribed from, and of the other it does", async () => {
      const server = await serverOf()
      const { channel, received } = await joined(client, server)
      const ticks = { query: "subscription { ticks }" }
      const [, one] = await answer(channel.push("doc", ticks))
      const [, other] = await answer(channel.push("doc", ticks))
      await eventually(() => received.length > 5, "some ticks")
      assert.strictEqual(server.running(), 2)

      const subscriptionId = subscriptionIdOf(one)
      assert.deepStrictEqual(await answer(channel.push("unsubscribe", { subscriptionId })), [
        "ok",
        { subscriptionId }
      ])
      const before = received.length
      await eventually(() => server.running() === 1, "the source is returned")
      await eventually(() => received.length > before + 2, "ticks of the other")
      for (const frame of received.slice(before)) {
        assert.notInclude(JSON.stringify(frame), subscriptionId)
        assert.include(JSON.stringify(frame), subscriptionIdOf(other))
      }
      // One that is not known is no less welcome.
      assert.deepStrictEqual(await answer(channel.push("unsubscribe", { subscriptionId: "x" })), [
        "ok",
        { subscriptionId: "x" }
      ])
    })

    it("leaves: an answer and then a close, and what ran is over", async () => {
      const server = await serverOf()
      const { channel, received, sent } = await joined(client, server)
      const joinRef = lastRef(sent)
      await answer(channel.push("doc", { query: "subscription { ticks }" }))
      await eventually(() => server.running() === 1, "it runs")
      const before = received.length
      assert.deepStrictEqual(await answer(channel.leave()), ["ok", {}])
      await eventually(() => received.length >= before + 2, "a close")
      await delay(2 * tickMillis)
      // What had been on its way comes before the answer.
      assert.deepStrictEqual(received.slice(-2), [
        frame(vsn, {
          joinRef,
          ref: lastRef(sent),
          topic: controlTopic,
          event: "phx_reply",
          payload: { status: "ok", response: {} }
        }),
        frame(vsn, {
          joinRef,
          // Who speaks 1.0.0 gives no reference to a join.
          ref: vsn === "2.0.0" ? joinRef : null,
          topic: controlTopic,
          event: "phx_close",
          payload: {}
        })
      ])
      await eventually(() => server.running() === 0, "the source is returned")
    })

    it("joins a second time: the answer, and then the close of the first", async () => {
      const server = await serverOf()
      const { channel, received, sent, socket } = await joined(client, server)
      const joinRef = lastRef(sent)
      await answer(channel.push("doc", { query: "subscription { ticks }" }))
      await eventually(() => server.running() === 1, "it runs")
      const before = received.length
      // It will not be answered: it takes a while, and then nobody is there who asked.
      channel.push("doc", { query: "{ user { biography } }" })
      await delay(tickMillis / 2)
      // A channel joins once, and this is another with its topic.
      const second = { topic: controlTopic, ref: "90" }
      socket.push({ ...second, event: "phx_join", payload: {}, join_ref: "90" })
      await eventually(() => server.running() === 0, "the source is returned")
      await delay(2 * tickMillis)
      const isOfPhoenix = (frame: unknown) => JSON.stringify(frame).includes('"phx_')
      assert.deepStrictEqual(received.slice(before).filter(isOfPhoenix), [
        frame(vsn, {
          ...second,
          joinRef: "90",
          event: "phx_reply",
          payload: { status: "ok", response: {} }
        }),
        frame(vsn, {
          joinRef,
          ref: vsn === "2.0.0" ? joinRef : null,
          topic: controlTopic,
          event: "phx_close",
          payload: {}
        })
      ])

      // What is for another join is not answered, and the next is.
      const events = received.length
      const heard = { topic: controlTopic, event: "doc", payload: { query: "{ __typename }" } }
      socket.push({ ...heard, ref: "91", join_ref: "89" })
      socket.push({ ...heard, ref: "92", join_ref: "90" })
      await eventually(() => received.length > events, "an answer")
      assert.deepStrictEqual(
        received[events],
        frame(vsn, {
          ...{ topic: controlTopic, event: "phx_reply", joinRef: "90", ref: "92" },
          payload: { status: "ok", response: { data: { __typename: "Query" } } }
        })
      )
    })

    it("sees the channel crash, joins again, and is served", async () => {
      const server = await serverOf()
      const { channel, received } = await joined(client, server)
      const errors: Array<unknown> = []
      channel.onError((reason) => void errors.push(reason))
      await answer(channel.push("doc", { query: "subscription { ticks }" }))
      await eventually(() => server.running() === 1, "it runs")
      channel.push("nonsense", {})
      await eventually(() => errors.length === 1, "an error")
      assert.isTrue(received.some((frame) => JSON.stringify(frame).includes("phx_error")))
      await eventually(() => server.running() === 0, "the source is returned")
      await eventually(() => channel.state === "joined", "it has joined again")
      assert.deepStrictEqual(
        await answer(channel.push("doc", { query: hello, variables: { name: "Ada" } })),
        ["ok", { data: { hello: "Hello, Ada!" } }]
      )
    })

    it("has its heartbeats answered, and stays connected", async () => {
      const heart = socketOf(client, await serverOf(), { heartbeatIntervalMs: 50 })
      heart.socket.connect()
      await eventually(() => heart.sent.length >= 5, "five heartbeats")
      assert.isAtLeast(heart.received.length, 4)
      assert.deepStrictEqual(
        heart.received[0],
        frame(vsn, {
          joinRef: null,
          ref: lastRef(heart.sent.slice(0, 1)),
          topic: "phoenix",
          event: "phx_reply",
          payload: { status: "ok", response: {} }
        })
      )
      assert.strictEqual(heart.tried(), 1)
    })

    it("is told that it has not joined what it speaks of", async () => {
      const { received, socket } = socketOf(client, await serverOf())
      socket.connect()
      const push = (ref: string, topic: string, event: string) =>
        socket.push({ topic, event, payload: {}, ref, join_ref: ref })
      push("1", controlTopic, "doc")
      push("2", "room:1", "phx_join")
      push("3", "__absinthe__:other", "phx_join")
      push("4", controlTopic, "phx_leave")
      await eventually(() => received.length === 4, "four answers")
      const reply = (ref: string, topic: string, status: string, response: object) => ({
        ...{ topic, event: "phx_reply", ref },
        payload: { status, response }
      })
      assert.deepStrictEqual(
        received,
        [
          // These two have no reference of a join.
          {
            joinRef: null,
            ...reply("1", controlTopic, "error", { reason: "unmatched topic" })
          },
          { joinRef: null, ...reply("2", "room:1", "error", { reason: "unmatched topic" }) },
          {
            joinRef: "3",
            ...reply("3", "__absinthe__:other", "error", { reason: "join crashed" })
          },
          { joinRef: "4", ...reply("4", controlTopic, "ok", {}) }
        ].map((expected) => frame(vsn, expected))
      )
    })

    it("is denied at the join, or let in", async () => {
      const server = await serverOf({ auth: true })
      for (const [params, expected] of [
        [{}, ["error", { reason: "unauthorized" }]],
        [{ authorization: "Bearer bad" }, ["error", { reason: "unauthorized" }]],
        [{ authorization: credentials }, ["ok", {}]]
      ] as const) {
        const { socket } = socketOf(client, server)
        socket.connect()
        const join = socket.channel(controlTopic, params).join()
        assert.deepStrictEqual(await answer(join), expected)
      }
    })

    it("is denied at the upgrade, or let in", async () => {
      const server = await serverOf({ auth: true })
      const stranger = socketOf(client, server, { params: { authorization: "Bearer bad" } })
      stranger.socket.connect()
      await eventually(() => stranger.refusals.length > 1, "it has tried twice")
      assert.deepStrictEqual(stranger.refusals.slice(0, 2), [403, 403])

      const friend = socketOf(client, server, { params: { authorization: credentials } })
      friend.socket.connect()
      assert.deepStrictEqual(await answer(friend.socket.channel(controlTopic, {}).join()), [
        "ok",
        {}
      ])
    })
  })
}

describe("an upgrade", () => {
  for (const [query, expected] of [
    ["?vsn=1.0.7", "open"],
    ["?vsn=2.0.5", "open"],
    ["?vsn=1.1.0", 403],
    ["?vsn=3.0.0", 403],
    ["?vsn=2", 403],
    ["?vsn=", 403]
  ] as const) {
    it(`with ${query} is answered with ${expected}`, async () => {
      const outcome = await upgraded(await serverOf(), `${path}${query}`)
      assert.strictEqual(typeof outcome === "number" ? outcome : "open", expected)
    })
  }

  it("without a vsn is for 1.0.0", async () => {
    const webSocket = await upgraded(await serverOf(), path)
    assert.instanceOf(webSocket, WebSocket)
    webSocket.send('{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"1"}')
    const [data] = await once(webSocket, "message", { signal: AbortSignal.timeout(5000) })
    assert.deepStrictEqual(JSON.parse(String(data)), {
      ...{ topic: "phoenix", event: "phx_reply", ref: "1" },
      payload: { status: "ok", response: {} }
    })
  })

  it("of another path is answered with 404", async () => {
    assert.strictEqual(await upgraded(await serverOf(), "/socket"), 404)
  })

  it("chooses none of the subprotocols, and needs none", async () => {
    const webSocket = await upgraded(await serverOf(), `${path}?vsn=2.0.0`)
    assert.instanceOf(webSocket, WebSocket)
    assert.strictEqual(webSocket.protocol, "")
    const { port } = await serverOf()
    const offering = new WebSocket(`ws://127.0.0.1:${port}${path}`, ["phoenix"])
    const [error] = await once(offering, "error", { signal: AbortSignal.timeout(5000) })
    assert.match(String(error), /no subprotocol/)
  })
})

describe("a connection", () => {
  for (const [vsn, text] of [
    ["1.0.0", "nonsense"],
    ["1.0.0", '["1","1","phoenix","heartbeat",{}]'],
    ["1.0.0", '{"topic":"phoenix","event":"heartbeat","payload":{}}'],
    ["2.0.0", "nonsense"],
    ["2.0.0", '{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"1"}']
  ] as const) {
    it(`with vsn ${vsn} ends with 1011 over ${text}`, async () => {
      const webSocket = await upgraded(await serverOf(), `${path}?vsn=${vsn}`)
      assert.instanceOf(webSocket, WebSocket)
      webSocket.send(text)
      const [code] = await once(webSocket, "close", { signal: AbortSignal.timeout(5000) })
      assert.strictEqual(code, 1011)
    })
  }

  it("with vsn 2.0.0 need not say which join it speaks of", async () => {
    const webSocket = await upgraded(await serverOf(), `${path}?vsn=2.0.0`)
    assert.instanceOf(webSocket, WebSocket)
    const received: Array<unknown> = []
    webSocket.on("message", (data: Buffer) => received.push(JSON.parse(data.toString())))
    webSocket.send(JSON.stringify([null, "1", controlTopic, "phx_join", {}]))
    webSocket.send(JSON.stringify([null, "2", controlTopic, "doc", { query: "{ __typename }" }]))
    webSocket.send(JSON.stringify([null, "3", controlTopic, "phx_leave", {}]))
    await eventually(() => received.length === 4, "three answers and a close")
    const answered = (response: object) => ({ status: "ok", response })
    assert.deepStrictEqual(received, [
      [null, "1", controlTopic, "phx_reply", answered({})],
      // It is the join's own reference then.
      ["1", "2", controlTopic, "phx_reply", answered({ data: { __typename: "Query" } })],
      ["1", "3", controlTopic, "phx_reply", answered({})],
      [null, null, controlTopic, "phx_close", {}]
    ])
  })

  it("on which nothing is said ends, and one with heartbeats does not", async () => {
    const server = await serverOf({ idleMillis: 300 })
    const [client] = clients
    assert.isDefined(client)
    const heart = socketOf(client, server, { heartbeatIntervalMs: 100 })
    heart.socket.connect()
    const webSocket = await upgraded(server, path)
    assert.instanceOf(webSocket, WebSocket)
    const [code] = await once(webSocket, "close", { signal: AbortSignal.timeout(5000) })
    assert.strictEqual(code, 1002)
    await delay(300)
    assert.isTrue(heart.socket.isConnected())
    assert.strictEqual(heart.tried(), 1)
  })

  it("that is lost takes its subscriptions with it", async () => {
    const server = await serverOf()
    const [client] = clients
    assert.isDefined(client)
    const { channel, socket } = await joined(client, server)
    await answer(channel.push("doc", { query: "subscription { ticks }" }))
    await eventually(() => server.running() === 1, "it runs")
    socket.disconnect()
    await eventually(() => server.running() === 0, "the source is returned")
  })
})
