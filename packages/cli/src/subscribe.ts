/** A subscription: printed until it completes, or somebody has had enough. */
import type { Service } from "@fiberline/client/GraphQLClient"
import * as NetworkError from "@fiberline/client/NetworkError"
import * as Reconnect from "@fiberline/client/Reconnect"
import type { Gap } from "@fiberline/client/Subscription"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as Client from "./client.js"
import type { Conceal } from "./conceal.js"
import { Ended, ExitCode } from "./exit.js"
import * as Failure from "./failure.js"
import * as Operation from "./options/operation.js"
import type { Transport } from "./options/transport.js"
import * as Printer from "./printer.js"
import type { Format } from "./render.js"
import { Status, warnOf } from "./status.js"
import { UsageError } from "./usage.js"

export interface Given extends Operation.Given {
  readonly output: Format
  readonly count: Option.Option<string>
}

/** Interrupting it closes the client, which takes at most `closeTimeout`. */
export const subscribe = (given: Given) =>
  Effect.gen(function* () {
    const count = yield* parseCount(given.count)
    const operation = yield* Operation.resolve("subscription", given)
    const { connection, document, hide, operationName, transports, variables } = operation
    const reconnect = operation.reconnect ?? Reconnect.schedule
    const where = connection.endpoint.shown
    const status = yield* Status
    const print = yield* Printer.make(given.output, hide)
    yield* warnOf(operation.exposed)
    let interruptedAt = 0

    const over = (transport: Transport, another: boolean) =>
      Effect.gen(function* () {
        const live = yield* Deferred.make<void>()
        const client = yield* Client.make(
          connection,
          transport,
          reconnect && another ? untilRejected(reconnect, live) : reconnect
        )
        // Whoever is the first to know: the status, or a result that came with it.
        const connected = Effect.flatMap(Deferred.succeed(live, undefined), (isFirst) =>
          isFirst ? status.tell("good", "connected") : Effect.void
        )
        yield* Effect.forkScoped(watch(client, connected, where, hide))
        const events = client.subscribeEvents(document, {
          errors: "inline",
          operationName,
          variables
        })
        const all = events.pipe(
          Stream.tap((event) =>
            event._tag === "Gap"
              ? back(event)
              : Effect.zipRight(connected, print.result(event.data))
          ),
          // Once the last one wanted is there, nobody waits for one more.
          Stream.takeUntil(() => print.count() >= count),
          Stream.runDrain
        )
        yield* connection.timeout
          ? Effect.raceFirst(all, notLive(live, connection.timeout, where))
          : all
      }).pipe(
        Effect.onInterrupt(() => Effect.sync(() => (interruptedAt = performance.now()))),
        Effect.scoped
      )

    const [first, second] = transports
    const running =
      second === undefined
        ? over(first, false)
        : over(first, true).pipe(
            Effect.catchIf(isRejected, ({ reason }) =>
              Effect.zipRight(
                status.tell("note", `${reason.message}: Server-Sent Events instead`),
                over(second, false)
              )
            )
          )

    yield* running.pipe(
      Effect.ensuring(status.settled),
      Effect.catchAll((error) =>
        error._tag === "Ended"
          ? Effect.fail(error)
          : Failure.failed(error, hide, `after ${print.seen()}`)
      ),
      Effect.onInterrupt(() => {
        const took = performance.now() - interruptedAt
        return status.tell(
          "note",
          `interrupted after ${print.seen()}; closed in ${took.toFixed(1)} ms`
        )
      })
    )
    yield* status.tell("good", `the subscription ended after ${print.seen()}`)
    if (print.hadErrors()) yield* new Ended({ code: ExitCode.OperationErrors })
  })

const parseCount = (given: Option.Option<string>): Effect.Effect<number, UsageError> => {
  if (Option.isNone(given)) return Effect.succeed(Number.POSITIVE_INFINITY)
  return /^[1-9]\d{0,14}$/.test(given.value)
    ? Effect.succeed(Number(given.value))
    : new UsageError({ message: "--count must be a number, 1 or more" })
}

/** Says how the connection fares. */
const watch = (
  client: Pick<Service, "status">,
  connected: Effect.Effect<void>,
  where: string,
  hide: Conceal
) =>
  Effect.gen(function* () {
    const status = yield* Status
    yield* status.waitFor(`connecting to ${where}`)
    yield* Stream.runForEach(client.status.changes, (now) =>
      Effect.gen(function* () {
        switch (now._tag) {
          case "Live":
            yield* connected
            return yield* status.settled
          case "Reconnecting": {
            const what = now.cause.phase === "live" ? "connection lost" : "no connection"
            yield* status.tell(
              "warning",
              `${what}: ${Failure.summary(now.cause, hide)}, reconnecting…`
            )
            return yield* status.waitFor(`reconnecting to ${where}, failed ${times(now.attempt)}`)
          }
          default:
            return
        }
      })
    )
  })

const times = (count: number): string => (count === 1 ? "once" : `${count} times`)

const back = ({ duration }: Gap) =>
  Effect.flatMap(Status, ({ tell }) => {
    const seconds = Duration.toSeconds(duration).toFixed(1)
    return tell("gap", `back after ${seconds} s, without what was published meanwhile`)
  })

const isRejected = (
  error: unknown
): error is NetworkError.NetworkErrorWith<NetworkError.HandshakeRejected> =>
  error instanceof NetworkError.NetworkError && error.reason._tag === "HandshakeRejected"

/** A server that has no WebSockets has none the next time; one that once had some comes back. */
const untilRejected = (
  schedule: Exclude<Client.Reconnect, false | undefined>,
  live: Deferred.Deferred<void>
): Exclude<Client.Reconnect, false | undefined> =>
  Schedule.whileInputEffect(schedule, (error) =>
    isRejected(error) ? Deferred.isDone(live) : Effect.succeed(true)
  )

/** Fails unless there is a connection in time; ends in no other way. */
const notLive = (live: Deferred.Deferred<void>, timeout: Duration.Duration, endpoint: string) =>
  Deferred.await(live).pipe(
    Effect.timeoutFail({
      duration: timeout,
      onTimeout: () =>
        new NetworkError.NetworkError({
          reason: new NetworkError.ConnectTimeout({ timeout }),
          phase: "connecting",
          endpoint,
          sent: false
        })
    }),
    Effect.zipRight(Effect.async<never>(() => {}))
  )
