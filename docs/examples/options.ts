import { GraphQLClient, Reconnect } from "@fiberline/client"
import { NodeWire } from "@fiberline/node"
import { Config, Console, Effect, Layer } from "effect"

const Client = GraphQLClient.layer({
  url: Config.string("GRAPHQL_URL"),
  connectTimeout: "10 seconds",
  ackTimeout: "10 seconds",
  keepalive: { interval: "20 seconds", timeout: "10 seconds" },
  operationTimeout: "30 seconds",
  closeTimeout: "5 seconds",
  maxFrameSize: 16 * 1024 * 1024,
  reconnect: Reconnect.schedule,
  healthyAfter: "10 seconds",
  idleTimeout: "5 seconds",
  eager: false,
  buffer: { capacity: 256, strategy: "suspend" }
}).pipe(Layer.provide(NodeWire.layer()))

const program = Effect.gen(function* () {
  const client = yield* GraphQLClient.GraphQLClient
  const options = { variables: { by: 0.5 }, timeout: "2 seconds" } as const
  const mutation = "mutation ($by: Float!) { calibrate(offset: $by) }"
  yield* Console.log(yield* client.mutate(mutation, options))
})

await Effect.runPromise(Effect.provide(program, Client))
// => { calibrate: 0.5 }
