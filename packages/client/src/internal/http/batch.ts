/**
 * Operations that begin at about the same time, in one request: a JSON array of what would be their bodies,
 * answered by an array of results.
 *
 * Whoever executes an operation has a result, an error, a bound and an interruption of their own. One that
 * leaves before the request is sent is not in it; when all have left, the request is aborted.
 */
import * as GraphQLOverHttp from "@fiberline/core/GraphQLOverHttp"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { Kind } from "../../Operation.js"
import type { EncodeError } from "../../OperationError.js"
import type { Executed } from "../../Middleware.js"
import { notJson } from "../document.js"
import type { Fibers } from "../fibers.js"
import type * as Loss from "../loss.js"
import { raceFirst } from "../race.js"
import { Verdict } from "../verdict.js"
import type { Access } from "./access.js"
import { headersOf, jsonBody, untilDone } from "./exchange.js"
import { Answered, type Answers, type Progress, type RoundTrips } from "./roundTrip.js"

export interface BatchSettings {
  /** In milliseconds, from the first of a batch to its request. */
  readonly interval: number
  /** With how many it waits no longer. */
  readonly size: number
  readonly mutations: boolean
}

/** What executes an operation of a batch. */
interface Member {
  readonly body: string
  /** Of a request that is its own. */
  readonly headers: { readonly [name: string]: string }
  readonly progress: Progress
  readonly resume: (outcome: Effect.Effect<Executed, Loss.Failure>) => void
}

export class Batches {
  /** The one that can be joined. */
  #open: Batch | undefined = undefined

  constructor(
    readonly roundTrips: RoundTrips,
    readonly fibers: Fibers,
    readonly settings: BatchSettings
  ) {}

  /** Whether operations of this kind go in batches. */
  take(kind: Kind): boolean {
    return kind === "query" || (kind === "mutation" && this.settings.mutations)
  }

  /** @param headers for when it turns out to be alone */
  execute(
    access: Access,
    request: GraphQLOverHttp.Request,
    headers: Member["headers"],
    progress: Progress
  ): Effect.Effect<Executed, Loss.Failure | EncodeError> {
    return Effect.flatMap(
      Effect.try({ try: () => GraphQLOverHttp.encodeBody(request), catch: notJson }),
      (body) =>
        Effect.async<Executed, Loss.Failure>((resume) => {
          const member: Member = { body, headers, progress, resume }
          const batch = this.#joinable(access)
          batch.join(member)
          return Effect.sync(() => batch.leave(member))
        })
    )
  }

  #joinable(access: Access): Batch {
    const open = this.#open
    // With new credentials it is another.
    if (open?.isOpen && open.access === access) return open
    const batch = new Batch(this.roundTrips, access, this.settings)
    this.#open = batch
    // Nobody's own: whoever began it may leave, and the others still wait.
    this.fibers.fork(batch.run)
    return batch
  }
}

class Batch {
  isOpen = true
  /** In the order of their coming. */
  readonly #members = new Set<Member>()
  readonly #full = new Verdict<void>()
  readonly #deserted = new Verdict<void>()

  constructor(
    readonly roundTrips: RoundTrips,
    readonly access: Access,
    readonly settings: BatchSettings
  ) {}

  join(member: Member): void {
    this.#members.add(member)
    if (this.#members.size < this.settings.size) return
    this.isOpen = false
    this.#full.decide(Effect.void)
  }

  leave(member: Member): void {
    this.#members.delete(member)
    if (this.#members.size > 0) return
    this.isOpen = false
    this.#deserted.decide(Effect.void)
  }

  get run(): Effect.Effect<void> {
    const collected = raceFirst(Effect.sleep(this.settings.interval), this.#full.decided)
    return raceFirst(
      Effect.zipRight(
        collected,
        Effect.suspend(() => this.#send)
      ),
      this.#deserted.decided
    )
  }

  get #send(): Effect.Effect<void> {
    this.isOpen = false
    const members = Array.from(this.#members)
    // The last may have left in the very moment.
    if (members.length === 0) return Effect.void
    return Effect.map(Effect.exit(this.#exchange(members)), (exit) => {
      members.forEach(({ resume }, at) => {
        resume(Exit.isSuccess(exit) ? executed(exit.value, at) : Effect.failCause(exit.cause))
      })
    })
  }

  #exchange(members: ReadonlyArray<Member>): Effect.Effect<Answers, Loss.Failure> {
    const bodies = members.map(({ body }) => body).join(",")
    const [alone] = members.length === 1 ? members : []
    const message = {
      method: "POST" as const,
      url: this.access.url,
      headers: headersOf(this.access, { accept: GraphQLOverHttp.accept, ...alone?.headers }),
      // What is alone is understood by servers that know of no batches.
      body: jsonBody(alone ? bodies : `[${bodies}]`)
    }
    const all = (tell: (progress: Progress) => void) => () =>
      members.forEach(({ progress }) => tell(progress))
    return untilDone(
      this.roundTrips.make(this.access, message, members.length, {
        sending: all((progress) => progress.sending()),
        notExecuted: all((progress) => progress.notExecuted()),
        answered: all((progress) => progress.answered())
      })
    )
  }
}

/** The head of a response is that of an operation which has it to itself. */
const executed = ({ head, results }: Answers, at: number): Effect.Effect<Executed> => {
  const result = results[at]
  return result
    ? Effect.succeed(results.length === 1 ? new Answered(result, head) : { result })
    : Effect.dieMessage("a batch has fewer results than operations")
}
