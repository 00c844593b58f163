/** A program of this package as a process of its own, in a namespace or beside us. */
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Mailbox from "effect/Mailbox"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { inside, type Namespace } from "./network.js"
import { type Stuck, within } from "./within.js"

/** It ended when nobody had asked it to, or said what it should not have. */
export class ChildFailed extends Data.TaggedError("ChildFailed")<{
  readonly program: string
  readonly what: string
}> {
  override get message(): string {
    return `${this.program} ${this.what}`
  }
}

export interface Child<in Command, out Event> {
  readonly program: string
  readonly pid: number
  readonly send: (command: Command) => Effect.Effect<void>
  /** What it says. Fails when there is nothing more to come. */
  readonly events: Mailbox.ReadonlyMailbox<Event, ChildFailed>
  readonly signal: (signal: NodeJS.Signals) => Effect.Effect<void>
  /** Ends its stdin, which asks it to leave. */
  readonly hangUp: Effect.Effect<void>
  /** How it ended: its exit code, or `null` for a signal. */
  readonly exitCode: Effect.Effect<number | null>
}

/** Starts it, without a namespace in that of ours. With the scope it is killed, if it still runs, and its end awaited. */
export const start = <Command, CI, Event, EI>(
  where: Namespace | undefined,
  program:
    "clientProcess" | "relayProcess" | "serverProcess" | "soak/relayProcess" | "soak/serverProcess",
  schemas: {
    readonly command: Schema.Schema<Command, CI>
    readonly event: Schema.Schema<Event, EI>
  },
  nodeOptions: ReadonlyArray<string> = []
): Effect.Effect<Child<Command, Event>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const file = fileURLToPath(new URL(`${program}.js`, import.meta.url))
    const events = yield* Mailbox.make<Event, ChildFailed>()
    const exitCode = yield* Deferred.make<number | null>()
    const fail = (what: string) => events.unsafeDone(Exit.fail(new ChildFailed({ program, what })))

    const child = yield* Effect.acquireRelease(
      Effect.sync(() => {
        const line = [process.execPath, ...nodeOptions, file] as const
        const [command, ...args] = where === undefined ? line : inside(where, ...line)
        const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] })
        child.once("error", ({ message }) => {
          fail(`could not be started: ${message}`)
          Deferred.unsafeDone(exitCode, Exit.succeed(null))
        })
        child.once("exit", (code) => Deferred.unsafeDone(exitCode, Exit.succeed(code)))
        return child
      }),
      (child) =>
        // SIGKILL ends even a process that is stopped.
        Effect.zipRight(
          Effect.sync(() => child.kill("SIGKILL")),
          Effect.interruptible(Deferred.await(exitCode)).pipe(Effect.timeoutOption("5 seconds"))
        )
    )
    // Written to when it has just been killed, as some are.
    child.stdin.on("error", () => {})
    const decode = Schema.decodeUnknownSync(Schema.parseJson(schemas.event))
    createInterface({ input: child.stdout })
      .on("line", (line) => {
        try {
          events.unsafeOffer(decode(line))
        } catch (error) {
          fail(`said what it should not have: ${String(error)}`)
        }
      })
      .on("close", () => fail("has ended"))

    const encode = Schema.encodeSync(Schema.parseJson(schemas.command))
    return {
      program,
      // Without one it was not started, and `events` says so.
      pid: child.pid ?? 0,
      send: (command) => Effect.sync(() => void child.stdin.write(`${encode(command)}\n`)),
      events,
      signal: (signal) => Effect.sync(() => void child.kill(signal)),
      hangUp: Effect.sync(() => void child.stdin.end()),
      exitCode: Deferred.await(exitCode)
    }
  })

/** The next of its events that is of this kind. Those before it are forgotten. */
export const next = <Event extends { readonly _tag: string }, Tag extends Event["_tag"]>(
  { events, program }: Child<never, Event>,
  tag: Tag,
  matches: (event: Extract<Event, { readonly _tag: Tag }>) => boolean = () => true
): Effect.Effect<Extract<Event, { readonly _tag: Tag }>, ChildFailed | Stuck> => {
  const isIt = (event: Event): event is Extract<Event, { readonly _tag: Tag }> =>
    hasTag(event, tag) && matches(event)
  return events.take.pipe(
    // They do not end; they fail.
    Effect.catchTag("NoSuchElementException", () => Effect.never),
    Effect.repeat({ until: isIt }),
    within("20 seconds", `the ${program} to say ${tag}`)
  )
}

const hasTag = <Event extends { readonly _tag: string }, Tag extends Event["_tag"]>(
  event: Event,
  tag: Tag
): event is Extract<Event, { readonly _tag: Tag }> => event._tag === tag
