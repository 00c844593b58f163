/** Spans of operations, named as OpenTelemetry's conventions for GraphQL have it. */
import type { OperationRequest } from "@fiberline/core/Message"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as FiberRef from "effect/FiberRef"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import type { Document, Kind } from "../Operation.js"
import { isOperation } from "./document.js"

/**
 * The document itself is no attribute: what a user writes into it as a literal may be a secret.
 *
 * Source: OpenTelemetry semantic conventions, "GraphQL server".
 */
export const span = (
  kind: Kind,
  document: Document,
  operationName: string | undefined
): readonly [name: string, options: Tracer.SpanOptions] => {
  const name = operationName ?? (isOperation(document) ? document.operationName : undefined)
  return [
    name === undefined ? kind : `${kind} ${name}`,
    {
      kind: "client",
      captureStackTrace: false,
      attributes: {
        "graphql.operation.type": kind,
        ...(name !== undefined && { "graphql.operation.name": name })
      }
    }
  ]
}

/**
 * Whether there is a tracer that anybody gave. Effect's own tells nobody of its spans, and each of them
 * is two kilobytes.
 */
export const isTraced = (fiber: Fiber.RuntimeFiber<unknown, unknown>): boolean =>
  fiber.currentTracer !== untraced

const untraced = Context.get(DefaultServices.liveServices, Tracer.Tracer)

/** Ends a span that was begun by hand, with the exit of what it is around. */
export const endSpan = (
  span: Tracer.Span,
  exit: Exit.Exit<unknown, unknown>
): Effect.Effect<void> =>
  Effect.flatMap(FiberRef.get(FiberRef.currentTracerTimingEnabled), (isTimed) =>
    Effect.clockWith((clock) =>
      Effect.sync(() => span.end(isTimed ? clock.unsafeCurrentTimeNanos() : 0n, exit))
    )
  )

/**
 * The request with the current span's context in its extensions.
 *
 * Source: W3C Trace Context, section 3.2.
 */
export const withTraceparent = (request: OperationRequest): Effect.Effect<OperationRequest> =>
  Effect.map(Effect.option(Effect.currentParentSpan), (span) =>
    Option.match(span, {
      onNone: () => request,
      onSome: ({ sampled, spanId, traceId }) => ({
        ...request,
        extensions: {
          ...request.extensions,
          traceparent: `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`
        }
      })
    })
  )
