import type { ClientMessage, ServerMessage } from "@fiberline/core/Message"
import { subscriptionsTransportWs } from "@fiberline/core/SubscriptionsTransportWs"
import { assert, describe, it } from "vitest"

const { client, server } = subscriptionsTransportWs

describe("what one end writes", () => {
  it.each<readonly [string, ClientMessage]>([
    [`{"type":"connection_init"}`, { _tag: "ConnectionInit" }],
    [
      `{"type":"connection_init","payload":{"token":"t"}}`,
      { _tag: "ConnectionInit", payload: { token: "t" } }
    ],
    [
      `{"type":"start","id":"1","payload":{"query":"{ a }","operationName":"A"}}`,
      { _tag: "Subscribe", id: "1", payload: { query: "{ a }", operationName: "A" } }
    ],
    [
      `{"type":"start","id":"1","payload":{"documentId":"sha256:00"}}`,
      { _tag: "Subscribe", id: "1", payload: { query: "{ a }", documentId: "sha256:00" } }
    ],
    [`{"type":"stop","id":"1"}`, { _tag: "Complete", id: "1" }],
    [`{"type":"connection_terminate"}`, { _tag: "ConnectionTerminate" }]
  ])("is from the client, to the letter, %s", (frame, message) => {
    assert.strictEqual(client.encode(message), frame)
  })

  it.each<readonly [string, ServerMessage]>([
    [`{"type":"connection_ack"}`, { _tag: "ConnectionAck" }],
    [
      `{"type":"connection_error","payload":{"message":"no"}}`,
      { _tag: "ConnectionError", payload: { message: "no" } }
    ],
    [`{"type":"ka"}`, { _tag: "KeepAlive" }],
    [
      `{"type":"data","id":"1","payload":{"data":null}}`,
      { _tag: "Next", id: "1", payload: { data: null } }
    ],
    [
      `{"type":"error","id":"1","payload":{"message":"no"}}`,
      { _tag: "OperationFailed", id: "1", payload: [{ message: "no" }] }
    ],
    [
      `{"type":"error","id":"1","payload":[{"message":"no"},{"message":"nor this"}]}`,
      { _tag: "OperationFailed", id: "1", payload: [{ message: "no" }, { message: "nor this" }] }
    ],
    [`{"type":"complete","id":"1"}`, { _tag: "Complete", id: "1" }]
  ])("is from the server, to the letter, %s", (frame, message) => {
    assert.strictEqual(server.encode(message), frame)
  })

  it("is no ping: it has none", () => {
    for (const _tag of ["Ping", "Pong"] as const) {
      assert.isTrue(subscriptionsTransportWs.lacks.has(_tag))
      assert.throws(() => client.encode({ _tag }), TypeError, _tag)
      assert.throws(() => server.encode({ _tag }), TypeError, _tag)
    }
  })
})

describe("the client takes", () => {
  const failed = (payload: unknown) =>
    client.decode(JSON.stringify({ type: "error", id: "1", payload }))

  it.each<readonly [string, unknown]>([
    ["one object", { message: "no", path: ["a"] }],
    ["an array", [{ message: "no", path: ["a"] }]],
    ["a result without data", { errors: [{ message: "no", path: ["a"] }] }]
  ])("an error that is %s", (_, payload) => {
    assert.deepEqual(failed(payload), {
      _tag: "OperationFailed",
      id: "1",
      payload: [{ message: "no", path: ["a"] }]
    })
  })

  it.each<readonly [string, unknown, string]>([
    ["nothing", undefined, "absent"],
    ["text", "no", "a string"],
    ["an object that says nothing", { code: 1 }, "an object"],
    ["no errors", [], "an array"],
    ["errors that say nothing", { errors: [{}] }, "an object"]
  ])("no error that is %s", (_, payload, kind) => {
    assert.deepEqual(failed(payload), {
      _tag: "Rejected",
      reason: "InvalidField",
      detail: `"payload" must be a GraphQL error, or an array of them, but is ${kind}`
    })
  })

  it.each([
    `{"type":"next","id":"1","payload":{}}`,
    `{"type":"ping"}`,
    `{"type":"pong"}`,
    `{"type":"start_ack","id":"1"}`
  ])("no message of another protocol: %s", (frame) => {
    assert.deepEqual(client.decode(frame), {
      _tag: "Rejected",
      reason: "UnknownType",
      detail: "an unknown message type"
    })
  })

  it("a ka with whatever it bears", () => {
    assert.deepEqual(client.decode(`{"type":"ka","payload":null,"id":null}`), { _tag: "KeepAlive" })
  })
})
