import { GraphQLClient, Operation } from "@fiberline/client"
import { NodeWire } from "@fiberline/node"
import { Config, Console, Effect, Layer, Schema, Stream } from "effect"

const Temperature = Operation.subscription("subscription { temperature }", {
  data: Schema.Struct({ temperature: Schema.Number })
})

const Client = GraphQLClient.layerConfig({ url: Config.string("GRAPHQL_URL") }).pipe(
  Layer.provide(NodeWire.layer())
)

const program = Effect.gen(function* () {
  const client = yield* GraphQLClient.GraphQLClient
  yield* client.subscribe(Temperature).pipe(
    Stream.take(2),
    Stream.runForEach(({ temperature }) => Console.log(`${temperature} °C`))
  )
}).pipe(Effect.catchTag("NetworkError", (error) => Console.log(`offline: ${error.message}`)))

await Effect.runPromise(Effect.provide(program, Client))
// => 20 °C
// => 20.5 °C
