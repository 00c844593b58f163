/** Invariant 11: reads every log, span and error, and knows every secret by how it begins. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HashMap from "effect/HashMap"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import type { Judge } from "./invariants.js"

/** What every secret of a run begins with, whatever comes after. */
export const secretPrefix = "s3cr3t"

export class Secrecy {
  #spans = 0
  readonly #read = new WeakSet<object>()

  constructor(readonly judge: Judge) {}

  text(where: string, text: string): void {
    const index = text.indexOf(secretPrefix)
    if (index < 0) return
    const excerpt = text.slice(Math.max(0, index - 60), index + 20)
    this.judge.violate(11, `${where} shows a secret: …${excerpt}…`)
  }

  value(where: string, value: unknown): void {
    this.text(where, `${String(value)} ${JSON.stringify(value)}`)
  }

  exit(where: string, exit: Exit.Exit<unknown, unknown>): void {
    if (Exit.isFailure(exit)) this.cause(where, exit.cause)
  }

  cause(where: string, cause: Cause.Cause<unknown>): void {
    const failure = Option.getOrUndefined(Cause.failureOption(cause))
    // Many share one, and reading it takes longer than anything else here.
    if (typeof failure === "object" && failure !== null) {
      if (this.#read.has(failure)) return
      this.#read.add(failure)
    }
    this.text(where, Cause.pretty(cause))
    this.value(where, failure)
  }

  /** Reads what a program logs and traces. */
  readonly watch = <A, E, R>(program: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    program.pipe(
      Effect.withTracer(this.#tracer),
      Logger.withMinimumLogLevel(LogLevel.All),
      Effect.provide(Logger.replace(Logger.defaultLogger, this.#logger))
    )

  readonly #logger = Logger.make(({ annotations, cause, message }) => {
    this.value("a log", message)
    this.value("a log", HashMap.toEntries(annotations))
    this.cause("a log", cause)
  })

  readonly #tracer = Tracer.make({
    span: (name, parent, context, links, startTime, kind) => {
      const spanId = String(++this.#spans)
      const attributes = new Map<string, unknown>()
      let status: Tracer.SpanStatus = { _tag: "Started", startTime }
      this.text("a span", name)
      return {
        _tag: "Span",
        name,
        spanId,
        traceId: Option.match(parent, { onNone: () => spanId, onSome: (span) => span.traceId }),
        parent,
        context,
        get status() {
          return status
        },
        attributes,
        links,
        sampled: true,
        kind,
        attribute: (key, value) => {
          attributes.set(key, value)
          this.value("a span", value)
        },
        event: (name, _startTime, values) => this.value("a span", [name, values]),
        addLinks: () => {},
        end: (endTime, exit) => {
          this.exit("a span", exit)
          status = { _tag: "Ended", startTime, endTime, exit }
        }
      }
    },
    context: (execute) => execute()
  })
}
