import * as Socket from "@effect/platform/Socket"
import { GraphQLClient, WebSocketWire } from "@fiberline/client"
import { Config, Console, Effect, Layer } from "effect"

// Any standard WebSocket will do: a browser's, Bun's, Deno's, a worker's.
const Wire = Layer.provide(WebSocketWire.layer, Socket.layerWebSocketConstructorGlobal)

const Client = Layer.provide(
  GraphQLClient.layerConfig({
    url: Config.string("GRAPHQL_URL"),
    // A browser's WebSocket cannot stop reading, so what to do when full has to be chosen.
    buffer: Config.succeed({ capacity: 100, strategy: "sliding" })
  }),
  Wire
)

const program = Effect.gen(function* () {
  const client = yield* GraphQLClient.GraphQLClient
  yield* Console.log(yield* client.query("{ station }"))
})

await Effect.runPromise(Effect.provide(program, Client))
// => { station: 'Ben Nevis' }
