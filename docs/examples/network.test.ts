import { assert, it } from "@effect/vitest"
import { GraphQLClient, Wire } from "@fiberline/client"
import { NetworkFaults, SchemaServer, SimulatedNetwork, VirtualTime } from "@fiberline/testing"
import { Chunk, Context, Effect, Exit, Layer, Stream } from "effect"
import { buildSchema } from "graphql"

const schema = buildSchema(`
  type Query { station: String! }
  type Subscription { reading(after: Int!): Int! }
`)

const rootValue = {
  async *reading({ after }: { readonly after: number }) {
    for (let reading = after + 1; reading <= 100; reading++) yield { reading }
  }
}

const numberOf = (data: unknown) => (data as { readonly reading: number }).reading

const program = (time: VirtualTime.VirtualTime) =>
  Effect.gen(function* () {
    const server = yield* Layer.build(SchemaServer.layer({ schema, rootValue }))
    const network = SimulatedNetwork.make({
      time,
      servers: { station: Context.get(server, Wire.WireConstructor) },
      // Connections are reset, stall, and lose everything in silence; nothing else goes wrong.
      rates: { ...NetworkFaults.noFaults, reset: 0.5, stalled: 0.5, lostBoth: 0.5 }
    })
    const client = yield* GraphQLClient.make({ url: "ws://station" }).pipe(
      Effect.provideService(Wire.WireConstructor, network.openWire)
    )
    const readings = yield* client
      .subscribe("subscription ($after: Int!) { reading(after: $after) }", {
        variables: { after: 0 },
        resume: (last) => ({ after: numberOf(last) })
      })
      .pipe(
        Stream.tap(() => Effect.sleep("1 second")),
        Stream.runCollect
      )
    return Chunk.size(readings)
  }).pipe(Effect.scoped)

it("every reading arrives, whatever the network does", async () => {
  for (let seed = 0; seed < 5; seed++) {
    const time = VirtualTime.make({ seed })
    const outcome = await time.runPromise(program(time))
    assert(outcome._tag === "Ended" && Exit.isSuccess(outcome.exit))
    assert.strictEqual(outcome.exit.value, 100)
  }
})
