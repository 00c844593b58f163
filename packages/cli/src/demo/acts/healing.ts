/** Act 2: the network dies as before and heals a moment later, and the subscription goes on. */
import type * as Operation from "@fiberline/client/Operation"
import * as Status from "@fiberline/client/Status"
import type { Event, Gap } from "@fiberline/client/Subscription"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { comeback, connectTimeout, isKept, retryDelay, Stuck, within } from "../bounds.js"
import * as Ending from "../../ending.js"
import * as Relay from "../relay.js"
import type * as Server from "../server.js"
import { Timeline } from "../timeline.js"
import * as Client from "./client.js"
import { tellEvent, timeOf } from "./events.js"
import { Journal } from "../operations.generated.js"

export interface Findings {
  /** Events that are missing between the first and the last. */
  readonly lost: number
  /** Events that came when they, or later ones, had come before. */
  readonly duplicated: number
  readonly gap: Gap
  /** Connection attempts it took to come back. */
  readonly attempts: number
  /** From the network's healing to the end of the gap. */
  readonly measured: number
}

const eventsBeforeSilence = 4
const eventsAfterwards = 3

/** The network heals so many milliseconds after the client has noticed: an attempt is in vain. */
const outage = 600

export const act = (server: Server.Server) =>
  Effect.gen(function* () {
    const { headline, tell } = yield* Timeline
    yield* headline(
      "Act 2  The network heals",
      `This client may connect again: ${retryDelay} ms after a failure, with ${connectTimeout} ms for each attempt. Its`,
      "subscription has a cursor, and goes on after the last event that arrived."
    )
    const relay = yield* Relay.make(server.port)
    const client = yield* Client.make(relay, {
      reconnect: Schedule.spaced(retryDelay),
      connectTimeout
    })

    let healedAt = 0
    const breakAndHeal = Effect.gen(function* () {
      yield* relay.goSilent
      yield* tell("silence", "the relay goes silent, and swallows new connections too")
      yield* client.status.changes.pipe(Stream.filter(Status.$is("Reconnecting")), Stream.runHead)
      yield* Effect.sleep(outage)
      yield* relay.heal
      healedAt = Date.now()
      yield* tell("good", "the network heals: new connections come through, the old one stays dead")
    })

    let attempts = 0
    const tellStatus = (status: Status.Status): Effect.Effect<void> => {
      switch (status._tag) {
        case "Reconnecting": {
          const { detail, reason } = Ending.ofFailure(status.cause)
          return tell("failure", `${reason}: ${detail}`)
        }
        case "Connecting":
          // The first one led to the connection that was lost.
          return status.attempt === 1
            ? Effect.void
            : tell("note", `attempt ${++attempts} to connect again`)
        default:
          return Effect.void
      }
    }
    yield* Effect.forkScoped(Stream.runForEach(client.status.changes, tellStatus))

    const numbers: Array<number> = []
    let gap = Option.none<Gap>()
    let caughtUp = 0
    const see = (event: Event<Operation.Data<typeof Journal>>) => {
      if (event._tag === "Gap") {
        gap = Option.some(event)
        return tellGap(event)
      }
      const { at, number } = event.data.events
      numbers.push(number)
      if (Option.exists(gap, (gap) => at.getTime() < endOf(gap))) {
        caughtUp++
        return tellEvent(event.data, "published meanwhile")
      }
      return Effect.zipRight(
        tellEvent(event.data),
        numbers.length === eventsBeforeSilence ? Effect.fork(breakAndHeal) : Effect.void
      )
    }

    yield* client
      .subscribeEvents(Journal, { resume: ({ events }) => ({ after: events.number }) })
      .pipe(
        Stream.tap(see),
        Stream.takeUntil(
          () => numbers.length === eventsBeforeSilence + caughtUp + eventsAfterwards
        ),
        Stream.runDrain,
        within(15_000, "the subscription to go on")
      )
    const seenGap = yield* Effect.mapError(gap, () => new Stuck({ waitedFor: "the gap" }))

    const findings: Findings = {
      ...check(numbers),
      gap: seenGap,
      attempts,
      measured: endOf(seenGap) - healedAt
    }
    const { duplicated, lost, measured } = findings
    yield* tell(
      lost + duplicated === 0 ? "good" : "bad",
      `events ${numbers[0]} to ${numbers.at(-1)}, ${caughtUp} of them caught up with: ` +
        `${lost} lost, ${duplicated} twice`
    )
    yield* tell(
      isKept(comeback, measured) ? "good" : "bad",
      `back ${measured} ms after the network; promised: ${comeback} ms`
    )
    return findings
  }).pipe(Effect.scoped)

/** Numbers of events that should be consecutive. */
const check = (numbers: ReadonlyArray<number>): Pick<Findings, "lost" | "duplicated"> => {
  let [last = 0] = numbers
  let lost = 0
  let duplicated = 0
  for (const number of numbers.slice(1)) {
    if (number <= last) duplicated++
    lost += Math.max(0, number - last - 1)
    last = Math.max(last, number)
  }
  return { lost, duplicated }
}

const endOf = ({ duration, since }: Gap): number => since.epochMillis + Duration.toMillis(duration)

const tellGap = (gap: Gap): Effect.Effect<void, never, Timeline> => {
  const { detail, reason } = Ending.ofFailure(gap.cause)
  return Effect.flatMap(Timeline, ({ tell }) =>
    tell(
      "gap",
      `a gap of ${Duration.toMillis(gap.duration)} ms, since ${timeOf(DateTime.toDate(gap.since))}`,
      `${reason}: ${detail}`
    )
  )
}
