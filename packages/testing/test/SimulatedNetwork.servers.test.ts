/** A `SimulatedNetwork` in front of servers that are not its own. */
import { assert, describe, it } from "@effect/vitest"
import * as GraphQLClient from "@fiberline/client/GraphQLClient"
import { WireConstructor } from "@fiberline/client/Wire"
import { type FaultRates, noFaults } from "@fiberline/testing/NetworkFaults"
import * as SchemaServer from "@fiberline/testing/SchemaServer"
import * as SimulatedNetwork from "@fiberline/testing/SimulatedNetwork"
import * as TestServer from "@fiberline/testing/TestServer"
import * as VirtualTime from "@fiberline/testing/VirtualTime"
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { buildSchema } from "graphql"

interface Actors {
  readonly network: SimulatedNetwork.SimulatedNetwork
  readonly client: GraphQLClient.Service
  readonly server: TestServer.TestServer
}

/** A client of the server that the layer provides, with a network between the two. */
const between =
  (
    time: VirtualTime.VirtualTime,
    rates: Partial<FaultRates>,
    layer: Layer.Layer<TestServer.TestServer | WireConstructor>
  ) =>
  <A, E>(play: (actors: Actors) => Effect.Effect<A, E, Scope.Scope>): Effect.Effect<A, E> =>
    Effect.gen(function* () {
      const context = yield* Layer.build(layer)
      const network = SimulatedNetwork.make({
        time,
        rates: { ...noFaults, ...rates },
        servers: { own: Context.get(context, WireConstructor) }
      })
      const client = yield* GraphQLClient.make({
        url: "ws://own",
        keepalive: { interval: "1 second", timeout: "1 second" }
      }).pipe(Effect.provideService(WireConstructor, network.openWire))
      return yield* play({ network, client, server: Context.get(context, TestServer.TestServer) })
    }).pipe(Effect.scoped)

const ended = <A, E>(outcome: VirtualTime.Outcome<A, E>): A => {
  assert(outcome._tag === "Ended" && Exit.isSuccess(outcome.exit), JSON.stringify(outcome))
  return outcome.exit.value
}

const schema = buildSchema(`
  type Query { double(n: Int!): Int! }
  type Subscription { count(after: Int!): Int! }
`)

const rootValue = {
  double: ({ n }: { readonly n: number }) => 2 * n,
  count: async function* ({ after }: { readonly after: number }) {
    for (let count = after + 1; count <= 300; count++) yield { count }
  }
}

const Schema = SchemaServer.layer({ schema, rootValue })

const countOf = (data: unknown) => (data as { readonly count: number }).count

/** Every number, over whatever the network does. */
const countTo300 = ({ client }: Actors) =>
  client
    .subscribe("subscription ($after: Int!) { count(after: $after) }", {
      variables: { after: 0 },
      resume: (last) => ({ after: countOf(last) })
    })
    .pipe(
      Stream.map(countOf),
      Stream.tap(() => Effect.sleep("100 millis")),
      Stream.runCollect
    )

describe("a SimulatedNetwork between a client and", () => {
  it("a scripted server passes on what each says, and how it ends", () => {
    const time = VirtualTime.make({ seed: 1 })
    const run = between(
      time,
      {},
      TestServer.layer
    )(({ client, network, server }) =>
      Effect.gen(function* () {
        const asking = yield* Effect.fork(client.query("{ x }"))
        const connection = yield* server.acceptReady
        const operation = yield* connection.awaitSubscribe
        assert.strictEqual(operation.request.query, "{ x }")
        yield* operation.next({ x: 1 })
        yield* operation.complete
        assert.deepStrictEqual(yield* Fiber.join(asking), { x: 1 })
        assert.isAbove(time.now(), 0)
        assert.isTrue(network.endpoint("own").isWell())

        const refused = yield* Effect.fork(Effect.flip(client.query("{ y }", { timeout: 5000 })))
        yield* connection.close(4400, "no")
        assert.strictEqual((yield* Fiber.join(refused))._tag, "NetworkError")
        assert.strictEqual(network.sockets(), 0)
      })
    )
    ended(time.run(run))
  })

  it("a real schema loses nothing that can be resumed, whatever happens on the way", async () => {
    let faults = 0
    for (let seed = 0; seed < 8; seed++) {
      const time = VirtualTime.make({ seed })
      let counts: SimulatedNetwork.SimulatedNetwork | undefined
      const rates = { lostBoth: 0.5, reset: 0.3, frozen: 0.3, partial: 0.05, stalled: 0.5 }
      const run = between(
        time,
        rates,
        Schema
      )((actors) => {
        counts = actors.network
        return countTo300(actors)
      })
      const seen = Chunk.toReadonlyArray(ended(await time.runPromise(run)))
      assert.deepStrictEqual(
        seen,
        Array.from({ length: 300 }, (_, i) => i + 1)
      )
      for (const count of Object.values(counts?.faults() ?? {})) faults += count
    }
    assert.isAbove(faults, 20)
  })

  it("a real schema says the same for the same seed", async () => {
    const timeline = async (seed: number) => {
      const time = VirtualTime.make({ seed })
      const run = between(
        time,
        { reset: 0.5, partial: 0.1 },
        Schema
      )((actors) => Effect.map(countTo300(actors), () => actors.network.timeline()))
      return ended(await time.runPromise(run))
    }
    for (const seed of [1, 2, 3]) assert.deepStrictEqual(await timeline(seed), await timeline(seed))
  })
})
