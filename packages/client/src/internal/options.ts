/**
 * The client's options with every default filled in, every duration in milliseconds, and every
 * setting an effect that needs nothing.
 */
import type { Retry } from "@fiberline/core/CloseCode"
import { graphqlTransportWs } from "@fiberline/core/GraphQLTransportWs"
import type { KeepaliveSettings } from "@fiberline/core/Keepalive"
import type { Subprotocol } from "@fiberline/core/Subprotocol"
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type * as Schedule from "effect/Schedule"
import { OptionFailed } from "../NetworkError.js"
import { schedule } from "../Reconnect.js"
import type {
  BufferOptions,
  ClientOptions,
  Setting,
  Strategy,
  SubprotocolCredential
} from "../ClientOptions.js"
import type { ConnectionError } from "./loss.js"

export interface Options {
  readonly url: Effect.Effect<string | URL | Redacted.Redacted<string>, unknown>
  readonly headers: Effect.Effect<
    { readonly [name: string]: string | Redacted.Redacted<string> },
    unknown
  >
  readonly connectionPayload: Effect.Effect<unknown, unknown>
  readonly subprotocolCredentials: Effect.Effect<ReadonlyArray<SubprotocolCredential>, unknown>
  /** Options that are plain values, and so the same for every attempt. */
  readonly constants: ReadonlySet<string>
  readonly subprotocols: readonly [Subprotocol, ...ReadonlyArray<Subprotocol>]
  readonly connectTimeout: number
  readonly ackTimeout: number
  readonly closeTimeout: number
  readonly operationTimeout: number
  readonly keepalive: KeepaliveSettings | undefined
  readonly maxFrameSize: number
  readonly buffer: BufferLimits
  readonly reconnect: Schedule.Schedule<unknown, ConnectionError> | undefined
  readonly retry: { readonly [code: number]: Retry }
  readonly healthyAfter: number
  readonly idleTimeout: number
  readonly eager: boolean
  readonly countMessages: boolean
  readonly propagateTrace: boolean
  readonly documentId: ClientOptions["documentId"]
}

export interface BufferLimits {
  readonly capacity: number
  readonly strategy: Strategy
}

/** Throws on an option that makes no sense: that is a mistake in the program, and so a defect. */
export const resolve = <R>(options: ClientOptions<R>, context: Context.Context<R>): Options => {
  const setting = <A>(value: Setting<A, R>): Effect.Effect<A, unknown> =>
    Effect.isEffect(value)
      ? // Type boundary: `isEffect` does not know the parameters, but `Setting` has just one effect.
        Effect.provide(value, context)
      : Effect.succeed(value)
  const keepalive = options.keepalive ?? {}
  return {
    url: setting(options.url),
    headers: setting(options.headers ?? {}),
    connectionPayload: setting<unknown>(options.connectionPayload),
    subprotocolCredentials: setting(options.subprotocolCredentials ?? []),
    constants: new Set(
      (["url", "headers", "connectionPayload", "subprotocolCredentials"] as const).filter(
        (option) => !Effect.isEffect(options[option])
      )
    ),
    subprotocols: subprotocols(options.subprotocols),
    connectTimeout: millis("connectTimeout", options.connectTimeout ?? "10 seconds"),
    ackTimeout: millis("ackTimeout", options.ackTimeout ?? "10 seconds"),
    closeTimeout: millis("closeTimeout", options.closeTimeout ?? "5 seconds"),
    operationTimeout: millis("operationTimeout", options.operationTimeout ?? "30 seconds"),
    keepalive: keepalive
      ? {
          interval: positive(
            "keepalive.interval",
            millis("keepalive.interval", keepalive.interval ?? "20 seconds")
          ),
          timeout: millis("keepalive.timeout", keepalive.timeout ?? "10 seconds")
        }
      : undefined,
    maxFrameSize: positive("maxFrameSize", options.maxFrameSize ?? 16 * 1024 * 1024),
    reconnect: options.reconnect === false ? undefined : (options.reconnect ?? schedule),
    retry: options.retry ?? {},
    healthyAfter: millis("healthyAfter", options.healthyAfter ?? "10 seconds"),
    idleTimeout: millis("idleTimeout", options.idleTimeout ?? "5 seconds"),
    eager: options.eager ?? false,
    countMessages: options.countMessages ?? false,
    propagateTrace: options.propagateTrace ?? false,
    documentId: options.documentId,
    buffer: buffer(options.buffer, { capacity: 256, strategy: "suspend" })
  }
}

const subprotocols = (
  [first, ...others]: ReadonlyArray<Subprotocol> = [graphqlTransportWs]
): Options["subprotocols"] => {
  if (first !== undefined) return [first, ...others]
  throw new RangeError('the option "subprotocols" must not be empty')
}

export const buffer = (
  options: BufferOptions | undefined,
  defaults: BufferLimits
): BufferLimits => ({
  capacity: positive("buffer.capacity", Math.floor(options?.capacity ?? defaults.capacity)),
  strategy: options?.strategy ?? defaults.strategy
})

export const positive = (option: string, value: number): number => {
  if (value > 0) return value
  throw new RangeError(`the option "${option}" must be greater than zero, but is ${value}`)
}

export const millis = (option: string, input: Duration.DurationInput): number => {
  const decoded = Duration.decodeUnknown(input)
  if (decoded._tag === "Some") return Duration.toMillis(decoded.value)
  throw new RangeError(`the option "${option}" must be a duration, but is ${String(input)}`)
}

/** Evaluates what the user gave us, which may fail, die, hang, or be of no use: for that there is `fails`. */
export const evaluate = <A, B, E>(
  { constants }: Options,
  option: OptionFailed["option"],
  setting: Effect.Effect<A, unknown>,
  use: (value: A) => B,
  fails: (reason: OptionFailed, cause: { readonly cause: unknown }) => Effect.Effect<never, E>
): Effect.Effect<B, E> =>
  Effect.catchAllCause(
    // Disconnected, or one that cannot be interrupted would outlast every timeout.
    Effect.map(Effect.disconnect(setting), use),
    (cause) =>
      fails(new OptionFailed({ option, isConstant: constants.has(option) }), {
        cause: Cause.squash(cause)
      })
  )
