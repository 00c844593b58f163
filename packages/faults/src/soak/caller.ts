/** Those who query and mutate. */
import type { Service } from "@fiberline/client/GraphQLClient"
import { NetworkError } from "@fiberline/client/NetworkError"
import * as Operation from "@fiberline/client/Operation"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import { bounds } from "./bounds.js"
import type { Judge } from "./invariants.js"
import type { Lag } from "./lag.js"
import type { MutationWatch } from "./mutationWatch.js"
import { typedFailure } from "./subscriberWatch.js"

const Echo = Operation.query("query ($text: String!) { echo(text: $text) }", {
  variables: Schema.Struct({ text: Schema.String }),
  data: Schema.Struct({ echo: Schema.String })
})

const Execute = Operation.mutation("mutation ($key: Int!) { execute(key: $key) }", {
  variables: Schema.Struct({ key: Schema.Int }),
  data: Schema.Struct({ execute: Schema.Int })
})

export interface Caller {
  readonly endpoint: number
  readonly judge: Judge
  readonly lag: Lag
  readonly mutations: MutationWatch
  readonly onCall: () => void
  readonly isClosed: () => boolean
}

/** Calls now and then, until the client is closed. */
export const live = (client: Service, caller: Caller): Effect.Effect<void> =>
  Effect.gen(function* () {
    while (!caller.isClosed()) {
      yield* Effect.sleep(yield* Random.nextIntBetween(200, 2000))
      if (caller.isClosed()) return
      caller.onCall()
      yield* (yield* Random.nextBoolean) ? query(client, caller) : mutate(client, caller)
    }
  })

const query = (client: Service, caller: Caller): Effect.Effect<void> =>
  Effect.gen(function* () {
    const { endpoint, judge } = caller
    const text = `${endpoint}:${yield* Random.nextInt}`
    const idempotent = yield* Random.nextBoolean
    const exit = yield* timed(
      caller,
      "a query",
      client.query(Echo, { variables: { text }, idempotent })
    )
    if (Exit.isSuccess(exit) && exit.value.echo !== text) {
      judge.violate(5, `endpoint ${endpoint} answered ${exit.value.echo}, asked for ${text}`)
    }
  })

const mutate = (client: Service, caller: Caller): Effect.Effect<void> =>
  Effect.gen(function* () {
    const { mutations } = caller
    const key = mutations.next()
    const what = `mutation ${key}`
    const exit = yield* timed(caller, what, client.mutate(Execute, { variables: { key } }))
    if (Exit.isSuccess(exit)) return mutations.succeeded(key)
    const { cause } = exit
    const failure = cause._tag === "Fail" ? cause.error : undefined
    if (failure instanceof NetworkError && !failure.sent) mutations.unsent(key)
  })

/** Runs a call, and judges how it ended and how long that took. */
const timed = <A, E>(
  { endpoint, judge, lag }: Caller,
  what: string,
  call: Effect.Effect<A, E>
): Effect.Effect<Exit.Exit<A, E>> =>
  Effect.gen(function* () {
    const who = `${what} of endpoint ${endpoint}`
    const begun = judge.now()
    const exit = yield* Effect.exit(call)
    const ended = judge.now()
    if (ended - begun > lag.allowed(begun, ended, bounds.operationTimeout)) {
      judge.violate(3, `${who} took ${(ended - begun).toFixed(0)} ms`)
    }
    const failure = typedFailure(judge, who, exit, false)
    if (failure !== undefined && !(failure instanceof NetworkError)) {
      judge.violate(1, `${who} failed, and nothing explains it: ${String(failure)}`)
    }
    return exit
  })
