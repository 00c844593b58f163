/** What processes tell each other: lines of JSON. Those of a child are its stdin and its stdout. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { createInterface } from "node:readline"

/**
 * Obeys what comes in on stdin, one after the other, and completes when it ends: then whoever started
 * us wants us to leave, or is gone.
 */
export const obey = <Command, I, E, R>(
  schema: Schema.Schema<Command, I>,
  handle: (command: Command) => Effect.Effect<void, E, R>
): Effect.Effect<void, E, R> =>
  Stream.fromAsyncIterable(createInterface({ input: process.stdin }), (cause) => cause).pipe(
    Stream.orDie,
    Stream.mapEffect((line) =>
      Effect.flatMap(Effect.orDie(Schema.decode(Schema.parseJson(schema))(line)), handle)
    ),
    Stream.runDrain
  )

/** A process that obeys until nobody is left who could tell it anything, or whom it could be polite to. */
export const obeyToTheEnd = <Command, I>(
  schema: Schema.Schema<Command, I>,
  handle: (command: Command) => Effect.Effect<void>
): void =>
  void Effect.runFork(
    Effect.ensuring(
      obey(schema, handle),
      Effect.sync(() => process.exit())
    )
  )

/** Says something on stdout. */
export const tell = <Event, I>(schema: Schema.Schema<Event, I>) => {
  const encode = Schema.encodeSync(Schema.parseJson(schema))
  return (event: Event): void => void process.stdout.write(`${encode(event)}\n`)
}
