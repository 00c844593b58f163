import { GraphQLClient, Operation } from "@fiberline/client"
import { Effect, Ref, Schema, Stream } from "effect"

const Temperature = Operation.subscription("subscription { temperature }", {
  data: Schema.Struct({ temperature: Schema.Number })
})

/** What hangs on the wall: the last temperature, or why there is none. */
export class Thermometer extends Effect.Service<Thermometer>()("Thermometer", {
  scoped: Effect.gen(function* () {
    const client = yield* GraphQLClient.GraphQLClient
    const display = yield* Ref.make("--")
    yield* client.status.changes.pipe(
      Stream.runForEach((status) =>
        status._tag === "Reconnecting" ? Ref.set(display, "offline") : Effect.void
      ),
      Effect.forkScoped
    )
    yield* client.subscribe(Temperature).pipe(
      Stream.runForEach(({ temperature }) => Ref.set(display, `${temperature} °C`)),
      Effect.catchTag("NetworkError", ({ reason }) => Ref.set(display, reason._tag)),
      Effect.forkScoped
    )
    return { display: Ref.get(display) }
  })
}) {}
