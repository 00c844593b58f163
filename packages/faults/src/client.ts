/** The client's process, from outside. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Child from "./child.js"
import {
  type Closed,
  Command,
  type Ended,
  Event,
  type Measured,
  type Options,
  type Seen,
  type Subscription
} from "./clientMessages.js"
import { now } from "./clock.js"
import type { Namespace } from "./network.js"
import { type Stuck, within } from "./within.js"

export type { Closed, Ended, Measured, Options, Seen, Subscription } from "./clientMessages.js"

type Told<A> = Effect.Effect<A, Child.ChildFailed | Stuck>

/** How a process that was asked to leave did so. */
export interface Left {
  /** What was still open in it. */
  readonly open: ReadonlyArray<string>
  /** After how many milliseconds it had ended, if it did, by itself and well. */
  readonly after: number | undefined
}

export interface Client {
  readonly pid: number
  /** Makes a client. It must have been closed before it makes another. */
  readonly open: (origin: string, options: Options) => Effect.Effect<void>
  readonly connect: Told<void>
  readonly subscribe: (subscription: Subscription) => Effect.Effect<void>
  /** How a subscription ended, as soon as one has. */
  readonly ended: Effect.Effect<Ended>
  /** What all its subscriptions have seen so far. */
  readonly seen: Told<Seen>
  /** Blocks its event loop for so many milliseconds. */
  readonly block: (millis: number) => Told<Seen>
  readonly close: Told<Closed>
  readonly measure: Told<Measured>
  /** Asks it to leave. */
  readonly leave: Told<Left>
}

/** The client's process, until the scope closes. */
export const start = (where: Namespace): Effect.Effect<Client, never, Scope.Scope> =>
  Effect.gen(function* () {
    const schemas = { command: Command, event: Event }
    const child = yield* Child.start(where, "clientProcess", schemas, ["--expose-gc"])
    const answers = yield* Queue.unbounded<Event>()
    const endings = yield* Queue.unbounded<Ended>()
    const sorting = yield* child.events.take.pipe(
      Effect.flatMap((event) =>
        event._tag === "Ended" ? Queue.offer(endings, event) : Queue.offer(answers, event)
      ),
      Effect.forever,
      Effect.catchTag("NoSuchElementException", () => Effect.never),
      Effect.forkScoped
    )

    /** The answer of this kind. It answers one command after the other, so there is no other. */
    const answer = <Tag extends Event["_tag"]>(tag: Tag) =>
      Queue.take(answers).pipe(
        Effect.repeat({
          until: (event): event is Extract<Event, { readonly _tag: Tag }> => event._tag === tag
        }),
        Effect.raceFirst(sorting),
        within("30 seconds", `the client to say ${tag}`)
      )

    return {
      pid: child.pid,
      open: (origin, options) => child.send({ _tag: "Open", origin, options }),
      connect: Effect.zipRight(child.send({ _tag: "Connect" }), answer("Connected")),
      subscribe: (subscription) => child.send({ _tag: "Subscribe", subscription }),
      ended: Queue.take(endings),
      seen: Effect.zipRight(child.send({ _tag: "Look" }), answer("Seen")),
      block: (millis) => Effect.zipRight(child.send({ _tag: "Block", millis }), answer("Seen")),
      close: Effect.zipRight(child.send({ _tag: "Close" }), answer("Closed")),
      measure: Effect.zipRight(child.send({ _tag: "Measure" }), answer("Measured")),
      leave: Effect.gen(function* () {
        const from = now()
        yield* child.hangUp
        const { open } = yield* answer("Left")
        const exitCode = yield* Effect.timeoutOption(child.exitCode, "10 seconds")
        return { open, after: Option.contains(exitCode, 0) ? now() - from : undefined }
      })
    }
  })
