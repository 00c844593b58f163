import * as Absinthe from "@fiberline/core/Absinthe"
import type { ClientMessage, JsonObject, ServerMessage } from "@fiberline/core/Message"
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import { clientOf, Coupled, serverOf } from "./support/coupled.js"

const v2 = Absinthe.make()
const v1 = Absinthe.make({ serializer: "1.0.0" })

const control = "__absinthe__:control"

/** A name as Absinthe makes them. */
const named = (number: number): string =>
  `__absinthe__:doc:-57646075230342348${number}:BEA6CCFADEBB`

/** A client's end that is acknowledged, and has said nothing since. */
const joined = (subprotocol = v2) => {
  const client = clientOf(subprotocol)
  client.end.send({ _tag: "ConnectionInit" })
  const reply = { status: "ok", response: {} }
  client.end.receive(
    subprotocol === v1
      ? JSON.stringify({ topic: control, event: "phx_reply", payload: reply, ref: "join" })
      : JSON.stringify(["join", "join", control, "phx_reply", reply])
  )
  client.sent.length = 0
  client.heard.length = 0
  return client
}

const replied = (ref: string | null, response: unknown, status = "ok"): string =>
  JSON.stringify(["join", ref, control, "phx_reply", { status, response }])

const published = (name: string, result: unknown): string =>
  JSON.stringify([null, null, name, "subscription:data", { result, subscriptionId: name }])

const unsubscribed = (name: string): string =>
  JSON.stringify(["join", "unsubscribe", control, "unsubscribe", { subscriptionId: name }])

const ask = (id: string): ClientMessage => ({
  _tag: "Subscribe",
  id,
  payload: { query: "subscription { ticks }" }
})

const leave = (id: string): ClientMessage => ({ _tag: "Complete", id })

const next = (id: string, n: number): ServerMessage => ({
  _tag: "Next",
  id,
  payload: { data: { n } }
})

describe("the subprotocol", () => {
  it("has no name, and says in the URL how it is written", () => {
    assert.strictEqual(v2.name, "")
    assert.deepEqual(v2.parameters, { vsn: "2.0.0" })
    assert.deepEqual(v1.parameters, { vsn: "1.0.0" })
  })

  it("pings in any case", () => {
    assert.isTrue(v2.expectsPings)
  })

  it("lacks a keepalive, and an end of subscriptions", () => {
    assert.sameMembers([...v2.lacks], ["KeepAlive", "ServerComplete"])
    const { client, server } = running()
    assert.throws(() => client.end.send({ _tag: "Pong" }), TypeError)
    assert.throws(() => server.end.send({ _tag: "Ping" }), TypeError)
    assert.throws(() => server.end.send({ _tag: "KeepAlive" }), TypeError)
    assert.throws(() => server.end.send({ _tag: "Complete", id: "1" }), TypeError)
  })
})

const request = {
  query: "query ($name: String!) { hello(name: $name) }",
  variables: { name: "Ada" }
}

describe("the client writes, to the letter,", () => {
  it.each<readonly [string, ClientMessage, string]>([
    [
      `["join","join","${control}","phx_join",{}]`,
      { _tag: "ConnectionInit" },
      `{"ref":"join","topic":"${control}","event":"phx_join","payload":{}}`
    ],
    [
      `["join","join","${control}","phx_join",{"authorization":"Bearer good"}]`,
      { _tag: "ConnectionInit", payload: { authorization: "Bearer good" } },
      `{"ref":"join","topic":"${control}","event":"phx_join","payload":{"authorization":"Bearer good"}}`
    ],
    [
      `["join","1","${control}","doc",{"query":"query ($name: String!) { hello(name: $name) }","variables":{"name":"Ada"}}]`,
      { _tag: "Subscribe", id: "1", payload: request },
      `{"ref":"1","topic":"${control}","event":"doc","payload":{"query":"query ($name: String!) { hello(name: $name) }","variables":{"name":"Ada"}}}`
    ],
    [
      `["join","1","${control}","doc",{"documentId":"sha256:00"}]`,
      { _tag: "Subscribe", id: "1", payload: { query: "{ a }", documentId: "sha256:00" } },
      `{"ref":"1","topic":"${control}","event":"doc","payload":{"documentId":"sha256:00"}}`
    ],
    [
      `[null,"heartbeat","phoenix","heartbeat",{}]`,
      { _tag: "Ping" },
      `{"ref":"heartbeat","topic":"phoenix","event":"heartbeat","payload":{}}`
    ],
    [
      `["join","leave","${control}","phx_leave",{}]`,
      { _tag: "ConnectionTerminate" },
      `{"ref":"leave","topic":"${control}","event":"phx_leave","payload":{}}`
    ]
  ])("%s", (inV2, message, inV1) => {
    for (const [subprotocol, frame] of [
      [v2, inV2],
      [v1, inV1]
    ] as const) {
      const { end, sent } = clientOf(subprotocol)
      end.send(message)
      assert.deepEqual(sent, [frame])
      if (message._tag === "Subscribe") assert.strictEqual(subprotocol.write(message), frame)
    }
  })

  it("that it leaves a subscription, by its name", () => {
    const client = joined()
    client.end.send(ask("1"))
    client.end.receive(replied("1", { subscriptionId: named(1) }))
    client.end.send(leave("1"))
    assert.deepEqual(client.sent.slice(1), [unsubscribed(named(1))])
  })

  it("to another topic where there is one", () => {
    const { end, sent } = clientOf(Absinthe.make({ topic: "graphql" }))
    end.send({ _tag: "ConnectionInit" })
    assert.deepEqual(sent, [`["join","join","graphql","phx_join",{}]`])
  })

  it("what was written ahead", () => {
    const client = joined()
    client.end.start("1", v2.write({ _tag: "Subscribe", id: "1", payload: request }))
    client.end.receive(replied("1", { data: { hello: "Hello, Ada!" } }))
    assert.deepEqual(client.heard, [
      { _tag: "Result", id: "1", payload: { data: { hello: "Hello, Ada!" } } }
    ])
  })

  it("nothing under a ref of its own: an operation cannot have that for an id", () => {
    for (const id of ["join", "heartbeat", "leave", "unsubscribe"]) {
      const client = joined()
      const message = { _tag: "Subscribe", id, payload: { query: "{ a }" } } as const
      assert.throws(() => v2.write(message), TypeError, id)
      assert.throws(() => client.end.send(message), TypeError, id)
      assert.deepEqual(client.sent, [])
    }
  })
})

describe("the client takes from Absinthe's servers", () => {
  const first = { query: "{ fails }" }
  const failed = {
    message: "failed on purpose",
    locations: [{ line: 1, column: 3 }],
    path: ["fails"],
    extensions: { code: "ON_PURPOSE" }
  }
  const invalid = {
    message: `Cannot query field "nonsense" on type "Query".`,
    locations: [{ line: 1, column: 3 }]
  }

  it.each<readonly [string, unknown, string, ServerMessage]>([
    [
      "a result",
      { data: { hello: "Hello, Ada!" } },
      "ok",
      { _tag: "Result", id: "4", payload: { data: { hello: "Hello, Ada!" } } }
    ],
    [
      "a result with errors of fields",
      { errors: [failed], data: { fails: null } },
      "ok",
      { _tag: "Result", id: "4", payload: { errors: [failed], data: { fails: null } } }
    ],
    ["a confirmation", { subscriptionId: named(1) }, "ok", { _tag: "Established", id: "4" }],
    [
      "errors of an invalid document",
      { errors: [invalid] },
      "error",
      { _tag: "OperationFailed", id: "4", payload: [invalid] }
    ],
    [
      "an error that is text",
      { error: "Could not parse variables as map" },
      "error",
      {
        _tag: "OperationFailed",
        id: "4",
        payload: [{ message: "Could not parse variables as map" }]
      }
    ],
    [
      "a reason",
      { reason: "unmatched topic" },
      "error",
      { _tag: "OperationFailed", id: "4", payload: [{ message: "unmatched topic" }] }
    ],
    [
      "a refusal that says nothing",
      {},
      "error",
      { _tag: "OperationFailed", id: "4", payload: [{ message: "refused without a reason" }] }
    ]
  ])("%s", (_, response, status, message) => {
    for (const subprotocol of [v2, v1]) {
      const client = joined(subprotocol)
      client.end.send({ _tag: "Subscribe", id: "4", payload: first })
      const payload = JSON.stringify({ status, response })
      client.end.receive(
        subprotocol === v2
          ? `["join","4","${control}","phx_reply",${payload}]`
          : `{"topic":"${control}","event":"phx_reply","payload":${payload},"ref":"4"}`
      )
      assert.deepEqual(client.heard, [message])
    }
  })

  it("what is published, in both serializers", () => {
    const name = named(1)
    const payload = `{"result":{"data":{"count":1}},"subscriptionId":"${name}"}`
    for (const [subprotocol, reply, data] of [
      [
        v2,
        replied("1", { subscriptionId: name }),
        `[null,null,"${name}","subscription:data",${payload}]`
      ],
      [
        v1,
        `{"topic":"${control}","event":"phx_reply","payload":{"status":"ok","response":{"subscriptionId":"${name}"}},"ref":"1"}`,
        `{"topic":"${name}","event":"subscription:data","payload":${payload},"ref":null}`
      ]
    ] as const) {
      const client = joined(subprotocol)
      client.end.send(ask("1"))
      client.end.receive(reply)
      client.end.receive(data)
      assert.deepEqual(client.heard, [
        { _tag: "Established", id: "1" },
        { _tag: "Next", id: "1", payload: { data: { count: 1 } } }
      ])
    }
  })

  it.each<readonly [string, ServerMessage]>([
    [replied("join", {}), { _tag: "ConnectionAck", payload: {} }],
    [
      replied("join", { reason: "unauthorized" }, "error"),
      { _tag: "ConnectionError", payload: { reason: "unauthorized", message: "unauthorized" } }
    ],
    [
      `["join","join","${control}","phx_reply",{"status":"error","response":{"reason":"join crashed"}}]`,
      { _tag: "ConnectionError", payload: { reason: "join crashed", message: "join crashed" } }
    ],
    [`[null,"heartbeat","phoenix","phx_reply",{"status":"ok","response":{}}]`, { _tag: "Pong" }],
    [
      `["join","join","${control}","phx_error",{"reason":"channel_crash"}]`,
      { _tag: "Disconnected", detail: "the channel crashed", retry: "backoff" }
    ],
    [
      `["join","join","${control}","phx_close",{}]`,
      { _tag: "Disconnected", detail: "the channel was closed", retry: "backoff" }
    ]
  ])("%s", (frame, message) => {
    const { end, heard } = clientOf(v2)
    end.send({ _tag: "ConnectionInit" })
    end.receive(frame)
    assert.deepEqual(heard, [message])
  })

  it.each([
    ["a reply to nothing it asked", replied("99", { data: {} })],
    ["a reply without a ref", replied(null, { data: {} })],
    ["a reply to its leaving of a subscription", replied("unsubscribe", { subscriptionId: "x" })],
    ["an event of the channel's own", `[null,null,"${control}","presence_state",{}]`],
    ["the end of another topic", `[null,null,"room:1","phx_close",{}]`],
    ["the end of an older join", `["3","3","${control}","phx_close",{}]`],
    ["the crash of an older join", `["3","3","${control}","phx_error",{}]`],
    ["what is published under a name it does not know", published(named(1), { data: {} })]
  ])("%s, without consequence", (_, frame) => {
    const client = joined()
    client.end.receive(frame)
    assert.deepEqual(client.heard, [])
    assert.deepEqual(client.sent, [])
  })

  it("an end that answers its leaving as no news", () => {
    const client = joined()
    client.end.send({ _tag: "ConnectionTerminate" })
    client.end.receive(replied("leave", {}))
    client.end.receive(`["join","join","${control}","phx_close",{}]`)
    assert.deepEqual(client.heard, [])
  })

  it("a second answer to a query without consequence", () => {
    const client = joined()
    client.end.send(ask("1"))
    for (const n of [1, 2]) client.end.receive(replied("1", { data: { n } }))
    assert.strictEqual(client.heard.length, 1)
  })

  it("a second confirmation without consequence", () => {
    const client = joined()
    client.end.send(ask("1"))
    for (const _ of [1, 2]) client.end.receive(replied("1", { subscriptionId: named(1) }))
    client.end.receive(published(named(1), { data: { n: 1 } }))
    client.end.send(leave("1"))
    assert.deepEqual(client.heard, [{ _tag: "Established", id: "1" }, next("1", 1)])
    assert.deepEqual(client.sent.slice(1), [unsubscribed(named(1))])
  })

  it("an answer to a subscription that was confirmed as its end, and leaves it", () => {
    const client = joined()
    client.end.send(ask("1"))
    client.end.receive(replied("1", { subscriptionId: named(1) }))
    client.end.receive(replied("1", { reason: "no" }, "error"))
    assert.deepEqual(client.heard[1], {
      _tag: "OperationFailed",
      id: "1",
      payload: [{ message: "no" }]
    })
    assert.deepEqual(client.sent.slice(1), [unsubscribed(named(1))])
  })
})

describe("a result that comes before the name of its subscription", () => {
  it("is held until that is there, and all are in order", () => {
    const client = joined()
    client.end.send(ask("1"))
    for (const n of [1, 2]) client.end.receive(published(named(1), { data: { n } }))
    assert.deepEqual(client.heard, [])
    client.end.receive(replied("1", { subscriptionId: named(1) }))
    client.end.receive(published(named(1), { data: { n: 3 } }))
    assert.deepEqual(client.heard, [
      { _tag: "Established", id: "1" },
      next("1", 1),
      next("1", 2),
      next("1", 3)
    ])
  })

  it("is held while another operation is answered", () => {
    const client = joined()
    client.end.send(ask("1"))
    client.end.send(ask("2"))
    client.end.receive(published(named(2), { data: { n: 1 } }))
    client.end.receive(replied("1", { data: {} }))
    client.end.receive(replied("2", { subscriptionId: named(2) }))
    assert.deepEqual(client.heard.slice(1), [{ _tag: "Established", id: "2" }, next("2", 1)])
  })

  it("is nobody's when whoever asked has left", () => {
    const client = joined()
    client.end.send(ask("1"))
    client.end.receive(published(named(1), { data: { n: 1 } }))
    client.end.send(leave("1"))
    client.end.receive(replied("1", { subscriptionId: named(1) }))
    assert.deepEqual(client.heard, [])
    assert.deepEqual(client.sent.slice(1), [unsubscribed(named(1))])
  })

  it("is not held for what was asked after it came", () => {
    const client = joined()
    client.end.send(ask("1"))
    client.end.receive(published(named(2), { data: { n: 1 } }))
    client.end.send(ask("2"))
    client.end.receive(replied("1", { data: {} }))
    client.end.receive(replied("2", { subscriptionId: named(2) }))
    assert.deepEqual(client.heard.slice(1), [{ _tag: "Established", id: "2" }])
  })

  it("is forgotten in time, though something is always under way", () => {
    const client = joined()
    client.end.send(ask("0"))
    // One stray result for each of many queries, of which there is one under way at any time.
    for (let n = 0; n < 3_000; n++) {
      client.end.receive(published(named(9), { data: { n } }))
      client.end.send(ask(String(n + 1)))
      client.end.receive(replied(String(n), { data: {} }))
    }
    assert.isEmpty(client.heard.filter(({ _tag }) => _tag !== "Result"))
  })

  it("is held in a number that has a bound", () => {
    const client = joined()
    client.end.send(ask("1"))
    for (let n = 0; n <= 1_000; n++) client.end.receive(published(named(1), { data: { n } }))
    assert.deepEqual(client.heard, [
      {
        _tag: "Rejected",
        reason: "InvalidField",
        detail: "more than 1000 results of subscriptions that were not confirmed"
      }
    ])
  })

  it("is held for nobody who could not be asked", () => {
    const client = joined()
    const cycle: Record<string, unknown> = {}
    cycle.cycle = cycle
    assert.throws(() =>
      client.end.send({ _tag: "Subscribe", id: "1", payload: { query: "", variables: cycle } })
    )
    assert.deepEqual(client.sent, [])
    for (let n = 0; n <= 1_000; n++) client.end.receive(published(named(1), { data: { n } }))
    assert.deepEqual(client.heard, [])
    // Nobody asked for it, so that it is no answer either.
    client.end.receive(replied("1", { data: {} }))
    assert.deepEqual(client.heard, [])
  })
})

describe("subscriptions of one name", () => {
  /** As many as there are ids, confirmed under the same name. */
  const sharing = (...ids: ReadonlyArray<string>) => {
    const client = joined()
    for (const id of ids) {
      client.end.send(ask(id))
      client.end.receive(replied(id, { subscriptionId: named(1) }))
    }
    client.sent.length = 0
    client.heard.length = 0
    return client
  }

  it("take turns, as the server publishes for each of them", () => {
    const client = sharing("1", "2", "3")
    for (const n of [1, 1, 1, 2, 2, 2]) client.end.receive(published(named(1), { data: { n } }))
    assert.deepEqual(client.heard, [
      next("1", 1),
      next("2", 1),
      next("3", 1),
      next("1", 2),
      next("2", 2),
      next("3", 2)
    ])
  })

  it("keep the turn of one that has left", () => {
    const client = sharing("1", "2")
    client.end.send(leave("1"))
    for (const n of [1, 1, 2, 2]) client.end.receive(published(named(1), { data: { n } }))
    assert.deepEqual(client.heard, [next("2", 1), next("2", 2)])
    assert.deepEqual(client.sent, [])
  })

  it("are left once, by the last", () => {
    const client = sharing("1", "2")
    client.end.send(leave("2"))
    client.end.send(leave("1"))
    client.end.send(leave("1"))
    assert.deepEqual(client.sent, [unsubscribed(named(1))])
  })

  it("are not left while one more may be of that name, which would end with the others", () => {
    const client = sharing("1")
    client.end.send(ask("2"))
    client.end.send(leave("1"))
    client.end.receive(replied("2", { subscriptionId: named(1) }))
    client.end.receive(published(named(1), { data: { n: 1 } }))
    client.end.receive(published(named(1), { data: { n: 1 } }))
    assert.deepEqual(client.heard, [{ _tag: "Established", id: "2" }, next("2", 1)])
    assert.strictEqual(client.sent.length, 1)
    client.end.send(leave("2"))
    assert.deepEqual(client.sent.slice(1), [unsubscribed(named(1))])
  })

  it("are left as soon as it is known that nothing else is of that name", () => {
    for (const answer of [{ data: {} }, { subscriptionId: named(2) }]) {
      const client = sharing("1")
      client.end.send(ask("2"))
      client.end.send(leave("1"))
      client.end.send(ask("3"))
      assert.strictEqual(client.sent.length, 2)
      client.end.receive(replied("2", answer))
      // What is asked from here on is asked after the leaving, for the server too.
      assert.deepEqual(client.sent.slice(2), [unsubscribed(named(1))])
    }
  })

  it("are not given what was published for those before them that have left", () => {
    const client = sharing("1")
    client.end.send(leave("1"))
    client.end.send(ask("2"))
    client.end.receive(published(named(1), { data: { n: 1 } }))
    client.end.receive(replied("unsubscribe", { subscriptionId: named(1) }))
    client.end.receive(published(named(1), { data: { n: 2 } }))
    client.end.receive(replied("2", { subscriptionId: named(1) }))
    assert.deepEqual(client.heard, [{ _tag: "Established", id: "2" }, next("2", 2)])
  })

  it("are left when one that was confirmed last has left before", () => {
    const client = sharing("1")
    client.end.send(ask("2"))
    client.end.send(leave("2"))
    client.end.send(leave("1"))
    client.end.receive(replied("2", { subscriptionId: named(1) }))
    assert.deepEqual(client.sent.slice(1), [unsubscribed(named(1))])
  })
})

describe("the server takes from Phoenix's clients", () => {
  it("a whole connection of phoenix.js, version 2", () => {
    const { end, heard, sent } = serverOf(v2)
    end.receive(`["3","3","${control}","phx_join",{}]`)
    end.send({ _tag: "ConnectionAck" })
    end.receive(`["3","4","${control}","doc",${JSON.stringify(request)}]`)
    end.send({ _tag: "Result", id: "4", payload: { data: { hello: "Hello, Ada!" } } })
    end.receive(`["3","12","${control}","doc",{"query":"subscription { a }","variables":{}}]`)
    end.send({ _tag: "Established", id: "12" })
    end.send(next("12", 1))
    end.receive(`["3","13","${control}","unsubscribe",{"subscriptionId":"__absinthe__:doc:12"}]`)
    end.receive(`["3","14","${control}","unsubscribe",{"subscriptionId":"x"}]`)
    end.receive(`["3","15","${control}","doc",{"query":"{"}]`)
    end.send({ _tag: "OperationFailed", id: "15", payload: [{ message: "no" }] })
    end.receive(`[null,"16","phoenix","heartbeat",{}]`)
    end.send({ _tag: "Pong" })
    end.receive(`[null,"77","room:1","doc",{}]`)
    end.receive(`["3","17","${control}","phx_leave",{}]`)
    assert.deepEqual(heard, [
      { _tag: "ConnectionInit", payload: {} },
      { _tag: "Subscribe", id: "4", payload: request },
      { _tag: "Subscribe", id: "12", payload: { query: "subscription { a }", variables: {} } },
      { _tag: "Complete", id: "12" },
      { _tag: "Subscribe", id: "15", payload: { query: "{" } },
      { _tag: "Ping" },
      { _tag: "ConnectionTerminate" }
    ])
    assert.deepEqual(sent, [
      `["3","3","${control}","phx_reply",{"status":"ok","response":{}}]`,
      `["3","4","${control}","phx_reply",{"status":"ok","response":{"data":{"hello":"Hello, Ada!"}}}]`,
      `["3","12","${control}","phx_reply",{"status":"ok","response":{"subscriptionId":"__absinthe__:doc:12"}}]`,
      `[null,null,"__absinthe__:doc:12","subscription:data",{"subscriptionId":"__absinthe__:doc:12","result":{"data":{"n":1}}}]`,
      `["3","13","${control}","phx_reply",{"status":"ok","response":{"subscriptionId":"__absinthe__:doc:12"}}]`,
      `["3","14","${control}","phx_reply",{"status":"ok","response":{"subscriptionId":"x"}}]`,
      `["3","15","${control}","phx_reply",{"status":"error","response":{"errors":[{"message":"no"}]}}]`,
      `[null,"16","phoenix","phx_reply",{"status":"ok","response":{}}]`,
      `[null,"77","room:1","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]`,
      `["3","17","${control}","phx_reply",{"status":"ok","response":{}}]`,
      `[null,null,"${control}","phx_close",{}]`
    ])
  })

  it("a whole connection of phoenix.js, version 1", () => {
    const { end, heard, sent } = serverOf(v1)
    const said = (event: string, payload: JsonObject, ref: string, topic = control) =>
      end.receive(JSON.stringify({ topic, event, payload, ref }))
    said("phx_join", {}, "1")
    end.send({ _tag: "ConnectionAck" })
    said("doc", { query: "subscription { a }" }, "2")
    end.send({ _tag: "Established", id: "2" })
    end.send(next("2", 1))
    said("heartbeat", {}, "3", "phoenix")
    end.send({ _tag: "Pong" })
    said("unsubscribe", { subscriptionId: "__absinthe__:doc:2" }, "4")
    assert.deepEqual(heard, [
      { _tag: "ConnectionInit", payload: {} },
      { _tag: "Subscribe", id: "2", payload: { query: "subscription { a }" } },
      { _tag: "Ping" },
      { _tag: "Complete", id: "2" }
    ])
    assert.deepEqual(sent, [
      `{"ref":"1","topic":"${control}","event":"phx_reply","payload":{"status":"ok","response":{}}}`,
      `{"ref":"2","topic":"${control}","event":"phx_reply","payload":{"status":"ok","response":{"subscriptionId":"__absinthe__:doc:2"}}}`,
      `{"ref":null,"topic":"__absinthe__:doc:2","event":"subscription:data","payload":{"subscriptionId":"__absinthe__:doc:2","result":{"data":{"n":1}}}}`,
      `{"ref":"3","topic":"phoenix","event":"phx_reply","payload":{"status":"ok","response":{}}}`,
      `{"ref":"4","topic":"${control}","event":"phx_reply","payload":{"status":"ok","response":{"subscriptionId":"__absinthe__:doc:2"}}}`
    ])
  })

  it("a join that it refuses", () => {
    const { end, sent } = serverOf(v2)
    end.receive(`["3","3","${control}","phx_join",{}]`)
    end.send({ _tag: "ConnectionError", payload: { reason: "unauthorized" } })
    assert.deepEqual(sent, [
      `["3","3","${control}","phx_reply",{"status":"error","response":{"reason":"unauthorized"}}]`
    ])
  })

  it("no operation that could not be answered", () => {
    for (const ref of [`""`, "null"]) {
      const { end, heard } = serverOf(v2)
      end.receive(`["3",${ref},"${control}","doc",{"query":"{ a }"}]`)
      assert.include(heard[0], { _tag: "Rejected", reason: "InvalidField" }, ref)
    }
  })

  it.each([
    ["an object that is no text", `{"toString":1,"valueOf":1}`],
    ["a list in lists without number", "[".repeat(100_000) + "]".repeat(100_000)],
    ["a number", "1"]
  ])("no name that is %s", (_, name) => {
    const { end, heard, sent } = serverOf(v2)
    end.receive(`["3","4","${control}","unsubscribe",{"subscriptionId":${name}}]`)
    assert.include(heard[0], { _tag: "Rejected", reason: "InvalidField" })
    assert.deepEqual(sent, [])
  })
})

describe("the server says of", () => {
  it("an operation that nobody asked, nothing", () => {
    const { end, sent } = serverOf(v2)
    end.send({ _tag: "Established", id: "1" })
    end.send(next("1", 1))
    end.send({ _tag: "OperationFailed", id: "1", payload: [{ message: "no" }] })
    assert.deepEqual(sent, [])
  })

  it("a subscription that fails while it runs, that as a result", () => {
    const { client, server, settle } = running()
    server.end.send({ _tag: "OperationFailed", id: "1", payload: [{ message: "no" }] })
    settle()
    assert.deepEqual(client.heard.at(-1), {
      _tag: "Next",
      id: "1",
      payload: { errors: [{ message: "no" }] }
    })
  })

  it("the connection, that it serves it no longer", () => {
    const { client, server, settle } = running()
    server.end.send({ _tag: "Disconnected", detail: "", retry: "backoff" })
    settle()
    assert.include(client.heard.at(-1), { _tag: "Disconnected", retry: "backoff" })
  })
})

/**
 * A server that gives every subscription the same name, and publishes under it once for each that it has. What
 * it publishes may overtake the replies.
 */
class Namesake {
  readonly client = joined()
  readonly replies: Array<string> = []
  readonly name = named(1)
  #read = 0
  #subscribed = 0
  #published = 0

  /** Takes a frame of the client's. */
  read(): void {
    const frame = this.client.sent[this.#read]
    if (frame === undefined) return
    this.#read++
    const [, ref, , event]: ReadonlyArray<unknown> = JSON.parse(frame)
    if (event === "doc") {
      this.#subscribed++
      this.replies.push(replied(String(ref), { subscriptionId: this.name }))
    } else {
      this.#subscribed = 0
      this.replies.push(replied(String(ref), { subscriptionId: this.name }))
    }
  }

  /** All replies, and then what is published. */
  publish(): number {
    while (this.replies.length > 0) this.reply()
    const n = ++this.#published
    for (let i = 0; i < this.#subscribed; i++) {
      this.client.end.receive(published(this.name, { data: { n } }))
    }
    return n
  }

  reply(): void {
    const reply = this.replies.shift()
    if (reply !== undefined) this.client.end.receive(reply)
  }

  settle(): void {
    while (this.#read < this.client.sent.length || this.replies.length > 0) {
      this.read()
      this.reply()
    }
  }

  get subscribed(): number {
    return this.#subscribed
  }
}

describe("whatever happens to subscriptions of one name", () => {
  it("each that is there gets each result once, and the server forgets them when all have left", () => {
    const step = fc.constantFrom("ask", "leave", "read", "reply", "publish")
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.nat()), { maxLength: 60, size: "max" }), (steps) => {
        const server = new Namesake()
        const { client } = server
        const wanted = new Set<string>()
        const expected: Array<string> = []
        let asked = 0
        for (const [step, which] of steps) {
          if (step === "ask") {
            const id = String(++asked)
            wanted.add(id)
            client.end.send(ask(id))
          } else if (step === "leave") {
            const id = [...wanted][which % wanted.size]
            if (id !== undefined) {
              wanted.delete(id)
              client.end.send(leave(id))
            }
          } else if (step === "read") server.read()
          else if (step === "reply") server.reply()
          else {
            while (server.replies.length > 0) server.reply()
            const established = client.heard.flatMap((message) =>
              message._tag === "Established" && wanted.has(message.id) ? [message.id] : []
            )
            const n = server.publish()
            expected.push(...established.map((id) => JSON.stringify(next(id, n))))
          }
        }
        const heard = client.heard
          .filter(({ _tag }) => _tag === "Next")
          .map((message) => JSON.stringify(message))
        assert.sameMembers(heard, expected)
        for (const id of wanted) client.end.send(leave(id))
        server.settle()
        assert.strictEqual(server.subscribed, 0)
      }),
      { numRuns: 500 }
    )
  })
})

/** Both ends, with one subscription that is established. */
function running(): Coupled {
  const coupled = new Coupled(v2)
  coupled.open()
  coupled.client.end.send(ask("1"))
  coupled.settle()
  coupled.server.end.send({ _tag: "Established", id: "1" })
  coupled.settle()
  return coupled
}
