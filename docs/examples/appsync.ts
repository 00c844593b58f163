import { FetchHttpClient } from "@effect/platform"
import { AppSync, Authorization } from "@fiberline/appsync"
import { GraphQLClient, Operation } from "@fiberline/client"
import { NodeWire } from "@fiberline/node"
import { Console, Context, Effect, Layer, type Redacted, Schema, Stream } from "effect"

/** Somebody who has signed in, and whose token is renewed every hour. */
export class Session extends Context.Tag("Session")<
  Session,
  { readonly idToken: Effect.Effect<Redacted.Redacted<string>> }
>() {}

export const Client = AppSync.layer({
  url: "https://example1234567890000.appsync-api.us-east-1.amazonaws.com/graphql",
  authorization: Authorization.token(Effect.flatMap(Session, ({ idToken }) => idToken))
})

/** On Node. In a browser it is `WebSocketWire.layer` in place of `NodeWire.layer()`. */
export const Live = Layer.provide(Client, [NodeWire.layer(), FetchHttpClient.layer])

const Posted = Operation.subscription("subscription { posted { title } }", {
  data: Schema.Struct({ posted: Schema.Struct({ title: Schema.String }) })
})

export const program = Effect.gen(function* () {
  const client = yield* GraphQLClient.GraphQLClient
  // Over HTTP.
  yield* Console.log(yield* client.query("{ blog { name } }"))
  // Over the WebSocket.
  yield* client.subscribe(Posted).pipe(
    Stream.take(1),
    Stream.runForEach(({ posted }) => Console.log(posted.title))
  )
})
