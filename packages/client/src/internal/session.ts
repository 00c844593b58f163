/**
 * A session: the one fiber that gives an endpoint's operations their connection.
 *
 * It connects when somebody needs a connection, and after a loss when somebody needs the next. There
 * is never a second socket: a connection is begun when the one before it is closed.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { ClientOptions } from "../ClientOptions.js"
import { ClientClosed } from "../NetworkError.js"
import { WireConstructor } from "../Wire.js"
import * as Connection from "./connection.js"
import * as Loss from "./loss.js"
import { type Options, resolve } from "./options.js"
import { Registry } from "./registry.js"

export interface Session {
  readonly options: Options
  readonly registry: Registry
}

export const make = <R>(
  clientOptions: ClientOptions<R>
): Effect.Effect<Session, never, R | WireConstructor | Scope.Scope> =>
  Effect.gen(function* () {
    const context = yield* Effect.context<R | WireConstructor>()
    const options = resolve(clientOptions, context)
    const demand = Effect.unsafeMakeLatch()
    const registry = new Registry(() => demand.unsafeOpen())

    const connectOnDemand = demand.await.pipe(
      Effect.zipRight(demand.close),
      Effect.zipRight(
        Effect.suspend(() =>
          registry.hasDemand
            ? Connection.run(options, Context.get(context, WireConstructor), registry)
            : Effect.void
        )
      ),
      // A connection's end has been told to its operations, which is all there is to do about it.
      Effect.catchAllCause(() => Effect.void)
    )
    yield* Effect.forkScoped(Effect.forever(connectOnDemand))

    // Finalizers run last to first: who comes from here on is refused, then the fiber is interrupted.
    yield* Effect.addFinalizer(() =>
      Effect.sync(() =>
        registry.refuse(
          Loss.fromFailure(Loss.networkFailure(new ClientClosed(), "closed", registry.endpoint))
        )
      )
    )
    return { options, registry }
  })
