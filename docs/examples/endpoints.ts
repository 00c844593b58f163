import { GraphQLClient } from "@fiberline/client"
import { NodeWire } from "@fiberline/node"
import { Config, Console, Context, Effect, Layer } from "effect"

class Stations extends Context.Tag("Stations")<Stations, GraphQLClient.Service>() {}
class Billing extends Context.Tag("Billing")<Billing, GraphQLClient.Service>() {}

const Clients = Layer.mergeAll(
  Layer.scoped(Stations, GraphQLClient.make({ url: Config.string("GRAPHQL_URL") })),
  Layer.scoped(
    Billing,
    GraphQLClient.make({
      url: Config.string("BILLING_URL"),
      connectionPayload: Effect.map(Config.redacted("BILLING_TOKEN"), (token) => ({ token })),
      operationTimeout: "5 seconds"
    })
  )
).pipe(Layer.provide(NodeWire.layer()))

const program = Effect.gen(function* () {
  const stations = yield* Stations
  const billing = yield* Billing
  yield* Console.log(yield* stations.query("{ station }"))
  yield* Console.log(yield* billing.query("{ balance }"))
})

await Effect.runPromise(Effect.provide(program, Clients))
// => { station: 'Ben Nevis' }
// => { balance: 12.5 }
