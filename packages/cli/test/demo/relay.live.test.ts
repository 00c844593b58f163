import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import * as Relay from "../../src/demo/relay.js"
import { type Connection, connect, makeServer } from "./tcp.js"

/** A client and a server with a relay between them, and what each saw so far. */
const linked = Effect.gen(function* () {
  const server = yield* makeServer
  const relay = yield* Relay.make(server.port)
  const client = yield* connect(relay.port)
  const peer = yield* Queue.take(server.connections)
  const relayed = yield* Queue.take(relay.clients)
  return { relay, relayed, client, peer }
})

const sendAndReceive = (from: Connection, to: Connection, data: string) =>
  Effect.gen(function* () {
    from.socket.write(data)
    assert.deepStrictEqual(yield* Queue.take(to.happened), { data })
  })

const nothingHappened = ({ happened }: Connection) =>
  Effect.gen(function* () {
    // Round trips of another connection take the event loop past whatever was on its way.
    const { client, peer } = yield* linked
    for (let i = 0; i < 3; i++) {
      yield* sendAndReceive(client, peer, "there")
      yield* sendAndReceive(peer, client, "and back")
    }
    assert.isTrue(Option.isNone(yield* Queue.poll(happened)))
  })

describe("relay", () => {
  it.scopedLive("passes on what either side sends", () =>
    Effect.gen(function* () {
      const { client, peer, relay } = yield* linked
      yield* sendAndReceive(client, peer, "ping")
      const before = performance.now()
      yield* sendAndReceive(peer, client, "pong")
      assert.isAtLeast(yield* relay.lastByteAt, before)
      assert.isAtMost(yield* relay.lastByteAt, performance.now())
    })
  )

  it.scopedLive("passes on how either side leaves", () =>
    Effect.gen(function* () {
      const { client, peer, relayed } = yield* linked
      assert.isFalse(yield* Deferred.isDone(relayed.left))
      client.socket.end("bye")
      assert.deepStrictEqual(yield* Queue.take(peer.happened), { data: "bye" })
      assert.strictEqual(yield* Queue.take(peer.happened), "end")
      yield* Deferred.await(relayed.left)
      // Half open, as TCP allows.
      yield* sendAndReceive(peer, client, "you too")
      peer.socket.end()
      assert.strictEqual(yield* Queue.take(client.happened), "end")
    })
  )

  it.scopedLive("knows the client's port", () =>
    Effect.gen(function* () {
      const { client, relayed } = yield* linked
      assert.strictEqual(relayed.port, client.socket.localPort)
    })
  )

  it.scopedLive("lets nothing through once it is silent, and keeps both sides open", () =>
    Effect.gen(function* () {
      const { client, peer, relay } = yield* linked
      yield* relay.goSilent
      client.socket.write("anybody?")
      assert.deepStrictEqual(yield* Queue.take(relay.swallowed), { from: "client", bytes: 8 })
      peer.socket.write("yes")
      assert.deepStrictEqual(yield* Queue.take(relay.swallowed), { from: "server", bytes: 3 })
      yield* nothingHappened(client)
      yield* nothingHappened(peer)
    })
  )

  it.scopedLive("tells neither side that the other has left, once it is silent", () =>
    Effect.gen(function* () {
      const one = yield* linked
      yield* one.relay.goSilent
      one.client.socket.resetAndDestroy()
      yield* Deferred.await(one.relayed.left)
      yield* nothingHappened(one.peer)

      const other = yield* linked
      yield* other.relay.goSilent
      other.peer.socket.end("bye")
      assert.deepStrictEqual(yield* Queue.take(other.relay.swallowed), { from: "server", bytes: 3 })
      yield* nothingHappened(other.client)
    })
  )

  it.scopedLive("takes connections while it is silent, and is as silent to them", () =>
    Effect.gen(function* () {
      const server = yield* makeServer
      const relay = yield* Relay.make(server.port)
      yield* relay.goSilent
      const client = yield* connect(relay.port)
      client.socket.write("hello")
      assert.deepStrictEqual(yield* Queue.take(relay.swallowed), { from: "client", bytes: 5 })
      yield* nothingHappened(client)
    })
  )

  it.scopedLive("heals for new connections, and not for those that it had silenced", () =>
    Effect.gen(function* () {
      const server = yield* makeServer
      const relay = yield* Relay.make(server.port)
      const pair = Effect.gen(function* () {
        const client = yield* connect(relay.port)
        return { client, peer: yield* Queue.take(server.connections) }
      })
      const before = yield* pair
      yield* relay.goSilent
      const meanwhile = yield* pair
      yield* relay.heal
      const after = yield* pair
      yield* sendAndReceive(after.client, after.peer, "hello")
      for (const { client, peer } of [before, meanwhile]) {
        client.socket.write("anybody?")
        assert.deepStrictEqual(yield* Queue.take(relay.swallowed), { from: "client", bytes: 8 })
        yield* nothingHappened(peer)
        yield* nothingHappened(client)
      }
    })
  )

  it.scopedLive("ends with its scope, silent or not", () =>
    Effect.gen(function* () {
      const server = yield* makeServer
      for (const silent of [false, true]) {
        const scope = yield* Scope.make()
        const relay = yield* Relay.make(server.port).pipe(Scope.extend(scope))
        const client = yield* connect(relay.port)
        const peer = yield* Queue.take(server.connections)
        if (silent) yield* relay.goSilent
        yield* Scope.close(scope, Exit.void)
        assert.strictEqual(yield* Queue.take(client.happened), "end")
        assert.strictEqual(yield* Queue.take(peer.happened), "end")
        assert.isTrue(Exit.isFailure(yield* Effect.exit(connect(relay.port))))
      }
    })
  )
})
