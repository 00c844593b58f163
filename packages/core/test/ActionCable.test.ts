import * as ActionCable from "@fiberline/core/ActionCable"
import type {
  ClientMessage,
  OperationRequest,
  RejectionReason,
  ServerMessage
} from "@fiberline/core/Message"
import { assert, describe, it } from "vitest"
import { clientOf, Coupled, serverOf } from "./support/coupled.js"

const cable = ActionCable.make()

const identifier = (id: string): string =>
  JSON.stringify({ channel: "GraphqlChannel", channelId: id })

const confirmed = (id: string): string =>
  JSON.stringify({ identifier: identifier(id), type: "confirm_subscription" })

const transmitted = (id: string, message: unknown): string =>
  JSON.stringify({ identifier: identifier(id), message })

const commanded = (command: string, id: string, data?: string): string =>
  JSON.stringify({ command, identifier: identifier(id), data })

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

const executed = `{"action":"execute","query":"subscription { ticks }"}`

const introduction = { result: { data: {} }, more: true }

/** A client's end that was welcomed, and has said nothing since. */
const welcomed = () => {
  const client = clientOf(cable)
  client.end.send({ _tag: "ConnectionInit" })
  client.end.receive(`{"type":"welcome"}`)
  client.heard.length = 0
  return client
}

/** One that has asked, on a channel that is there. */
const asking = () => {
  const client = welcomed()
  client.end.send(ask("1"))
  client.end.receive(confirmed("1"))
  client.sent.length = 0
  return client
}

/** One that has a subscription. */
const running = () => {
  const client = asking()
  client.end.receive(transmitted("1", introduction))
  client.heard.length = 0
  return client
}

describe("the subprotocol", () => {
  it("has the name of ActionCable's", () => {
    assert.strictEqual(cable.name, "actioncable-v1-json")
  })

  it("lacks pings of the client's, and a farewell", () => {
    assert.sameMembers([...cable.lacks], ["Ping", "Pong", "ConnectionTerminate"])
    const client = clientOf(cable)
    const server = serverOf(cable)
    for (const _tag of ["Ping", "Pong", "ConnectionTerminate"] as const) {
      assert.throws(() => client.end.send({ _tag }), TypeError)
    }
    for (const _tag of ["Ping", "Pong"] as const) {
      assert.throws(() => server.end.send({ _tag }), TypeError)
    }
  })
})

describe("the client writes, to the letter,", () => {
  it("a subscription to the channel, then what is executed there, then that it leaves", () => {
    const client = welcomed()
    const request = { query: "query Q($n: String!) { hello(name: $n) }", variables: { n: "x" } }
    client.end.send({ _tag: "Subscribe", id: "c1", payload: request })
    client.end.receive(confirmed("c1"))
    client.end.receive(transmitted("c1", { result: { data: { hello: "Hello, x!" } }, more: false }))
    assert.deepEqual(client.sent, [
      `{"command":"subscribe","identifier":"{\\"channel\\":\\"GraphqlChannel\\",\\"channelId\\":\\"c1\\"}"}`,
      `{"command":"message","identifier":"{\\"channel\\":\\"GraphqlChannel\\",\\"channelId\\":\\"c1\\"}","data":"{\\"action\\":\\"execute\\",\\"query\\":\\"query Q($n: String!) { hello(name: $n) }\\",\\"variables\\":{\\"n\\":\\"x\\"}}"}`,
      `{"command":"unsubscribe","identifier":"{\\"channel\\":\\"GraphqlChannel\\",\\"channelId\\":\\"c1\\"}"}`
    ])
  })

  it("what it introduces itself by as part of each identifier, whatever becomes of it later", () => {
    const { end, sent } = clientOf(cable)
    const payload = { authorization: "Bearer good", channel: "Other", channelId: "other" }
    end.send({ _tag: "ConnectionInit", payload })
    payload.authorization = "Bearer bad"
    end.send(ask("1"))
    assert.deepEqual(sent, [
      JSON.stringify({
        command: "subscribe",
        identifier: `{"authorization":"Bearer good","channel":"GraphqlChannel","channelId":"1"}`
      })
    ])
  })

  it("a name of the channel's and of its method", () => {
    const other = ActionCable.make({ channel: "ApiChannel", action: "run" })
    const { end, sent } = clientOf(other)
    end.send({ _tag: "ConnectionInit" })
    end.send(ask("1"))
    end.receive(
      `{"identifier":"{\\"channel\\":\\"ApiChannel\\",\\"channelId\\":\\"1\\"}","type":"confirm_subscription"}`
    )
    assert.deepEqual(
      sent.map((frame) => JSON.parse(frame).data),
      [undefined, `{"action":"run","query":"subscription { ticks }"}`]
    )
  })

  it("a document that the server knows by its name", () => {
    const payload = { query: "{ a }", documentId: "c/1", operationName: "A" }
    assert.strictEqual(
      cable.write({ _tag: "Subscribe", id: "1", payload }),
      `{"action":"execute","operationId":"c/1","operationName":"A"}`
    )
  })

  it("nothing of what it introduces itself by that cannot be written, and says so at once", () => {
    const { end, sent } = clientOf(cable)
    const cycle: Record<string, unknown> = {}
    cycle.cycle = cycle
    assert.throws(() => end.send({ _tag: "ConnectionInit", payload: cycle }))
    assert.deepEqual(sent, [])
  })

  it("nothing of an operation that cannot be written", () => {
    const client = welcomed()
    const variables = { n: 1n }
    assert.throws(() =>
      client.end.send({ _tag: "Subscribe", id: "1", payload: { query: "", variables } })
    )
    client.end.receive(confirmed("1"))
    client.end.receive(transmitted("1", { more: false }))
    assert.deepEqual(client.sent, [])
    assert.deepEqual(client.heard, [])
  })
})

describe("the client takes", () => {
  it("a welcome as the acknowledgement, before or after it has introduced itself", () => {
    for (const isFirst of [true, false]) {
      const { end, heard } = clientOf(cable)
      if (isFirst) end.receive(`{"type":"welcome"}`)
      assert.deepEqual(heard, [])
      end.send({ _tag: "ConnectionInit" })
      if (!isFirst) end.receive(`{"type":"welcome"}`)
      assert.deepEqual(heard, [{ _tag: "ConnectionAck" }])
    }
  })

  it.each<readonly [string, ServerMessage]>([
    [`{"type":"ping","message":1795465878}`, { _tag: "KeepAlive" }],
    [
      `{"type":"disconnect","reason":"unauthorized","reconnect":false}`,
      { _tag: "ConnectionError", payload: { message: "unauthorized" } }
    ],
    [
      `{"type":"disconnect","reason":"server_restart","reconnect":true}`,
      { _tag: "Disconnected", detail: "server_restart", retry: "backoff" }
    ],
    [
      `{"type":"disconnect","reason":"invalid_request","reconnect":false}`,
      { _tag: "Disconnected", detail: "invalid_request", retry: "never" }
    ],
    [`{"type":"disconnect"}`, { _tag: "Disconnected", detail: "", retry: "backoff" }]
  ])("%s", (frame, message) => {
    const { end, heard } = welcomed()
    end.receive(frame)
    assert.deepEqual(heard, [message])
  })

  it("a subscription from its first word to its last", () => {
    const client = asking()
    client.end.receive(transmitted("1", introduction))
    for (const n of [1, 2]) {
      client.end.receive(transmitted("1", { result: { data: { n } }, more: true }))
    }
    client.end.receive(transmitted("1", { more: false }))
    client.end.receive(transmitted("1", { more: false }))
    assert.deepEqual(client.heard, [
      { _tag: "Established", id: "1" },
      next("1", 1),
      next("1", 2),
      { _tag: "Complete", id: "1" }
    ])
    assert.deepEqual(client.sent, [commanded("unsubscribe", "1")])
  })

  const failed = { message: "no", locations: [], path: ["query", "nope"] }

  it.each<readonly [string, unknown, ServerMessage]>([
    [
      "a result",
      { result: { data: { bump: 2 } }, more: false },
      { _tag: "Result", id: "1", payload: { data: { bump: 2 } } }
    ],
    [
      "a result of which it is not said whether there is more",
      { result: { data: { bump: 2 } } },
      { _tag: "Result", id: "1", payload: { data: { bump: 2 } } }
    ],
    [
      "errors of fields",
      { result: { data: { fails: null }, errors: [failed] }, more: false },
      { _tag: "Result", id: "1", payload: { data: { fails: null }, errors: [failed] } }
    ],
    [
      "errors of a query that is invalid",
      { result: { errors: [failed] }, more: false },
      { _tag: "OperationFailed", id: "1", payload: [failed] }
    ],
    [
      "errors of a subscription that is invalid, behind which no more will come, whatever it says",
      { result: { errors: [failed] }, more: true },
      { _tag: "OperationFailed", id: "1", payload: [failed] }
    ]
  ])("%s as the last, and leaves the channel", (_, message, expected) => {
    const client = asking()
    client.end.receive(transmitted("1", message))
    client.end.receive(transmitted("1", message))
    assert.deepEqual(client.heard, [expected])
    assert.deepEqual(client.sent, [commanded("unsubscribe", "1")])
  })

  it("a result with its data null that is published, and errors alone that are", () => {
    const client = running()
    for (const result of [{ data: null }, { errors: [failed] }]) {
      client.end.receive(transmitted("1", { result, more: true }))
    }
    assert.deepEqual(client.heard, [
      { _tag: "Next", id: "1", payload: { data: null } },
      { _tag: "Next", id: "1", payload: { errors: [failed] } }
    ])
  })

  it.each([{ data: {} }, { data: null }, undefined])(
    "what was published before it was told, by %j, that there is a subscription",
    (result) => {
      const client = asking()
      client.end.receive(transmitted("1", { result: { data: { n: 1 } }, more: true }))
      client.end.receive(transmitted("1", { result, more: true }))
      client.end.receive(transmitted("1", { result: { data: { n: 2 } }, more: true }))
      assert.deepEqual(client.heard, [{ _tag: "Established", id: "1" }, next("1", 1), next("1", 2)])
    }
  )

  it("a first result that says more than that there is a subscription", () => {
    const client = asking()
    client.end.receive(transmitted("1", { result: { data: { n: 1 } }, more: true }))
    assert.deepEqual(client.heard, [{ _tag: "Established", id: "1" }, next("1", 1)])
  })

  it("what a channel transmits of its own without consequence, at any time", () => {
    for (const client of [welcomed(), asking(), running()]) {
      if (client.sent.length === 0 && client.heard.length === 0) client.end.send(ask("2"))
      const before = [...client.sent]
      client.end.receive(transmitted("1", {}))
      client.end.receive(transmitted("1", { hello: 1 }))
      client.end.receive(transmitted("2", { hello: 1 }))
      assert.deepEqual(client.heard, [])
      assert.deepEqual(client.sent, before)
    }
  })

  it("a channel's rejection as the operation's, and nothing behind it", () => {
    const client = welcomed()
    client.end.send(ask("1"))
    client.end.receive(
      `{"identifier":${JSON.stringify(identifier("1"))},"type":"reject_subscription"}`
    )
    client.end.receive(confirmed("1"))
    assert.deepEqual(client.heard, [
      { _tag: "OperationFailed", id: "1", payload: [{ message: "subscription rejected" }] }
    ])
    assert.strictEqual(client.sent.length, 1)
  })

  it("a second confirmation of the channel without consequence: it is executed once", () => {
    const client = welcomed()
    client.end.send(ask("1"))
    client.end.receive(confirmed("1"))
    client.end.receive(confirmed("1"))
    assert.deepEqual(client.sent, [
      commanded("subscribe", "1"),
      commanded("message", "1", executed)
    ])
  })

  it.each([
    confirmed("9"),
    transmitted("9", { more: false }),
    `{"type":"confirm_subscription"}`,
    `{"type":"reject_subscription","identifier":1}`,
    `{"identifier":"__proto__","message":{"more":false}}`
  ])("%s, which nobody asked for, without consequence", (frame) => {
    const client = running()
    client.end.receive(frame)
    assert.deepEqual(client.heard, [])
    assert.deepEqual(client.sent, [])
  })
})

describe("whoever leaves", () => {
  it("before the channel is there executes nothing, and leaves it when it is", () => {
    const client = welcomed()
    client.end.send(ask("1"))
    client.end.send(leave("1"))
    assert.strictEqual(client.sent.length, 1)
    client.end.receive(confirmed("1"))
    assert.deepEqual(client.sent.slice(1), [commanded("unsubscribe", "1")])
  })

  it.each([
    ["a subscription", introduction],
    ["a subscription that publishes at once", { result: { data: { n: 1 } }, more: true }],
    ["a subscription that is invalid", { result: { errors: [{ message: "no" }] }, more: true }],
    ["a query", { result: { data: { n: 1 } }, more: false }]
  ])("before the answer leaves the channel behind it: %s", (_, message) => {
    const client = asking()
    client.end.send(leave("1"))
    assert.deepEqual(client.sent, [])
    client.end.receive(transmitted("1", message))
    client.end.receive(transmitted("1", message))
    assert.deepEqual(client.heard, [])
    assert.deepEqual(client.sent, [commanded("unsubscribe", "1")])
  })

  it("a subscription hears nothing more, and has told the server once", () => {
    const client = running()
    client.end.send(leave("1"))
    client.end.send(leave("1"))
    client.end.receive(transmitted("1", { result: { data: { n: 1 } }, more: true }))
    client.end.receive(transmitted("1", { more: false }))
    assert.deepEqual(client.heard, [])
    assert.deepEqual(client.sent, [commanded("unsubscribe", "1")])
  })
})

describe("the server takes from graphql-ruby's clients", () => {
  const channel = `"identifier":"{\\"channel\\":\\"GraphqlChannel\\",\\"channelId\\":\\"c1\\"}"`

  it("a whole connection", () => {
    const { end, heard, sent } = serverOf(cable)
    end.send({ _tag: "ConnectionAck" })
    end.receive(`{"command":"subscribe",${channel}}`)
    end.receive(
      `{"command":"message",${channel},"data":"{\\"query\\":\\"subscription S($to: Int!) { count(to: $to) }\\",\\"variables\\":{\\"to\\":3},\\"operationId\\":null,\\"operationName\\":null,\\"action\\":\\"execute\\"}"}`
    )
    end.send({ _tag: "Established", id: "c1" })
    end.send({ _tag: "Next", id: "c1", payload: { data: { count: 1 } } })
    end.send({ _tag: "Complete", id: "c1" })
    end.send({ _tag: "Complete", id: "c1" })
    end.send({ _tag: "Next", id: "c2", payload: { data: { count: 1 } } })
    end.send({ _tag: "KeepAlive" })
    end.receive(`{"command":"unsubscribe",${channel}}`)
    end.receive(`{"command":"unsubscribe",${channel}}`)
    end.send({ _tag: "Disconnected", detail: "server_restart", retry: "backoff" })
    assert.deepEqual(heard, [
      { _tag: "ConnectionInit" },
      {
        _tag: "Subscribe",
        id: "c1",
        payload: { query: "subscription S($to: Int!) { count(to: $to) }", variables: { to: 3 } }
      },
      { _tag: "Complete", id: "c1" }
    ])
    assert.deepEqual(sent, [
      `{"type":"welcome"}`,
      `{${channel},"type":"confirm_subscription"}`,
      `{${channel},"message":{"result":{"data":{}},"more":true}}`,
      `{${channel},"message":{"result":{"data":{"count":1}},"more":true}}`,
      `{${channel},"message":{"more":false}}`,
      `{"type":"ping","message":0}`,
      `{"type":"disconnect","reason":"server_restart","reconnect":true}`
    ])
  })

  const executing = (data: unknown) => {
    const { end, heard, sent } = serverOf(cable)
    end.receive(`{"command":"subscribe",${channel}}`)
    end.receive(`{"command":"message",${channel},"data":${JSON.stringify(JSON.stringify(data))}}`)
    return { end, heard: heard.slice(1), sent: sent.slice(1) }
  }

  it.each<readonly [string, unknown, OperationRequest]>([
    [
      "variables that are text",
      { query: "{ a }", variables: `{"to":1}` },
      { query: "{ a }", variables: { to: 1 } }
    ],
    ["a document by its name", { operationId: "c/1" }, { query: "", documentId: "c/1" }]
  ])("%s", (_, data, payload) => {
    assert.deepEqual(executing(data).heard, [{ _tag: "Subscribe", id: "c1", payload }])
  })

  it("no variables that are text and no JSON, or another value", () => {
    for (const variables of ["{", "[1]", "1"]) {
      const [message] = executing({ query: "{ a }", variables }).heard
      assert.include(message, { _tag: "Rejected", reason: "InvalidField" }, variables)
    }
  })

  it("a channel that is not GraphQL's with a rejection", () => {
    const { end, heard, sent } = serverOf(cable)
    end.receive(`{"command":"subscribe","identifier":"{\\"channel\\":\\"NopeChannel\\"}"}`)
    end.receive(
      `{"command":"message","identifier":"{\\"channel\\":\\"NopeChannel\\"}","data":"{}"}`
    )
    assert.deepEqual(sent, [
      `{"identifier":"{\\"channel\\":\\"NopeChannel\\"}","type":"reject_subscription"}`
    ])
    assert.strictEqual(heard.length, 1)
  })

  it("a leaving and an execution without a channel, without consequence", () => {
    const { end, heard, sent } = serverOf(cable)
    end.receive(`{"command":"unsubscribe",${channel}}`)
    end.receive(`{"command":"message",${channel},"data":"{}"}`)
    assert.deepEqual(heard, [{ _tag: "ConnectionInit" }])
    assert.deepEqual(sent, [])
  })

  it.each<readonly [string, RejectionReason]>([
    [`{"command":"subscribe"}`, "InvalidField"],
    [`{"command":"subscribe","identifier":"nonsense"}`, "InvalidField"],
    [`{"command":"subscribe","identifier":"[]"}`, "InvalidField"],
    [`{"command":"nope",${channel}}`, "UnknownType"]
  ])("no %s", (frame, reason) => {
    const { end, heard } = serverOf(cable)
    end.receive(frame)
    assert.include(heard[1], { _tag: "Rejected", reason })
  })

  it("the end of the credentials as a farewell that forbids to come back", () => {
    const { end, sent } = serverOf(cable)
    end.send({ _tag: "ConnectionError" })
    assert.deepEqual(sent, [`{"type":"disconnect","reason":"unauthorized","reconnect":false}`])
  })
})

describe("the server says of an operation", () => {
  it("that was never asked, or is over, that it is established to nobody", () => {
    const { client, server, settle } = coupled()
    server.end.send({ _tag: "Established", id: "2" })
    server.end.send({ _tag: "Result", id: "1", payload: { data: { n: 1 } } })
    const before = server.sent.length
    server.end.send({ _tag: "Established", id: "1" })
    assert.strictEqual(server.sent.length, before)
    settle()
    assert.deepEqual(client.heard.slice(1), [
      { _tag: "Result", id: "1", payload: { data: { n: 1 } } }
    ])
  })

  it("that is a query, its only result as the last", () => {
    const { client, server, settle } = coupled()
    server.end.send(next("1", 1))
    server.end.send({ _tag: "Complete", id: "1" })
    settle()
    assert.deepEqual(client.heard.slice(1), [
      { _tag: "Result", id: "1", payload: { data: { n: 1 } } }
    ])
  })
})

/** Both ends, with one operation that was asked. */
function coupled(): Coupled {
  const coupled = new Coupled(cable)
  coupled.open()
  coupled.client.end.send(ask("1"))
  coupled.settle()
  return coupled
}
