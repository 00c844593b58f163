import * as NetworkError from "@fiberline/client/NetworkError"
import type { OperationError } from "@fiberline/client/OperationError"
import type { ProtocolError } from "@fiberline/client/ProtocolError"
import * as Effect from "effect/Effect"
import { pipe } from "effect/Function"
import * as Stream from "effect/Stream"
import { describe, expect, test } from "tstyche"

interface Film {
  readonly title: string
}

declare const effect: Effect.Effect<
  Film,
  NetworkError.NetworkError | ProtocolError | OperationError,
  "Client"
>
declare const stream: Stream.Stream<
  Film,
  NetworkError.NetworkError | ProtocolError | OperationError,
  "Client"
>

/** All reasons but some, written as a user would. */
type Without<Tag extends NetworkError.Reason["_tag"]> = NetworkError.NetworkErrorWith<
  Exclude<NetworkError.Reason, { readonly _tag: Tag }>
>
declare const fallback: Effect.Effect<number, "Broken", "Cache">
declare const fallbackStream: Stream.Stream<number, "Broken", "Cache">
declare const unrelated: Effect.Effect<Film, ProtocolError>

describe("catching all of it by its tag", () => {
  test("leaves the other errors", () => {
    expect(effect.pipe(Effect.catchTag("NetworkError", () => Effect.void))).type.toBe<
      Effect.Effect<void | Film, ProtocolError | OperationError, "Client">
    >()
    expect(stream.pipe(Stream.catchTag("NetworkError", () => Stream.empty))).type.toBe<
      Stream.Stream<Film, ProtocolError | OperationError, "Client">
    >()
  })

  test("gives the handler the error", () => {
    effect.pipe(
      Effect.catchTag("NetworkError", (error) => {
        expect(error).type.toBe<NetworkError.NetworkError>()
        expect(error.reason).type.toBe<NetworkError.Reason>()
        expect(error.sent).type.toBe<boolean>()
        expect(error.isRetryable).type.toBe<boolean>()
        expect(error.retry).type.toBe<"backoff" | "refresh" | "never">()
        expect(error.phase).type.toBe<"connecting" | "acknowledging" | "live" | "closed">()
        return Effect.void
      })
    )
  })

  test("lets the reason be told apart by its own tag", () => {
    effect.pipe(
      Effect.catchTag("NetworkError", ({ reason }) => {
        if (reason._tag === "HandshakeRejected") expect(reason.status).type.toBe<number>()
        if (reason._tag === "ServerClosed") expect(reason.code).type.toBe<number>()
        return Effect.void
      })
    )
  })
})

describe("catching one reason", () => {
  test("takes just that reason out, and touches no other error", () => {
    const caught = effect.pipe(NetworkError.catchReason("KeepaliveTimeout", () => Effect.void))
    expect(caught).type.toBe<
      Effect.Effect<
        void | Film,
        Without<"KeepaliveTimeout"> | ProtocolError | OperationError,
        "Client"
      >
    >()
    expect<
      Extract<Effect.Effect.Error<typeof caught>, { _tag: "NetworkError" }>["reason"]["_tag"]
    >().type.toBe<
      | "OptionFailed"
      | "ConnectTimeout"
      | "ConnectFailed"
      | "HandshakeRejected"
      | "RequestRejected"
      | "AckTimeout"
      | "ConnectionRejected"
      | "ConnectionLost"
      | "ServerClosed"
      | "ServerDisconnected"
      | "EstablishTimeout"
      | "ClientClosed"
      | "OperationTimeout"
      | "Unauthorized"
      | "ReconnectRequested"
      | "UploadFailed"
    >()
  })

  test("reads the same data-first", () => {
    expect(NetworkError.catchReason(effect, "ServerClosed", () => Effect.void)).type.toBe<
      Effect.Effect<void | Film, Without<"ServerClosed"> | ProtocolError | OperationError, "Client">
    >()
    expect(NetworkError.catchReasonStream(stream, "ServerClosed", () => Stream.empty)).type.toBe<
      Stream.Stream<Film, Without<"ServerClosed"> | ProtocolError | OperationError, "Client">
    >()
  })

  test("gives the handler the error with that reason alone", () => {
    effect.pipe(
      NetworkError.catchReason("ServerClosed", (error) => {
        expect(error.reason).type.toBe<NetworkError.ServerClosed>()
        expect(error.reason.code).type.toBe<number>()
        expect(error).type.toBeAssignableTo<NetworkError.NetworkError>()
        return Effect.void
      })
    )
    stream.pipe(
      NetworkError.catchReasonStream("HandshakeRejected", (error) => {
        expect(error.reason).type.toBe<NetworkError.HandshakeRejected>()
        return Stream.empty
      })
    )
  })

  test("adds what the handler gives, fails with and needs", () => {
    expect(effect.pipe(NetworkError.catchReason("ConnectFailed", () => fallback))).type.toBe<
      Effect.Effect<
        number | Film,
        Without<"ConnectFailed"> | ProtocolError | OperationError | "Broken",
        "Cache" | "Client"
      >
    >()
    expect(
      stream.pipe(NetworkError.catchReasonStream("ConnectFailed", () => fallbackStream))
    ).type.toBe<
      Stream.Stream<
        number | Film,
        Without<"ConnectFailed"> | ProtocolError | OperationError | "Broken",
        "Cache" | "Client"
      >
    >()
  })

  test("lets the handler fail with the error it was given", () => {
    const caught = effect.pipe(
      NetworkError.catchReason("ServerClosed", (error) => Effect.fail(error))
    )
    expect(caught).type.toBe<
      Effect.Effect<
        Film,
        | Without<"ServerClosed">
        | NetworkError.NetworkErrorWith<NetworkError.ServerClosed>
        | ProtocolError
        | OperationError,
        "Client"
      >
    >()
  })

  test("wants a reason that there is", () => {
    expect(NetworkError.catchReason).type.toBeCallableWith("ServerClosed", () => Effect.void)
    expect(NetworkError.catchReason).type.not.toBeCallableWith("ServerClosd", () => Effect.void)
    expect(NetworkError.catchReason).type.not.toBeCallableWith("NetworkError", () => Effect.void)
  })

  test("leaves an effect alone that has no such error", () => {
    expect(unrelated.pipe(NetworkError.catchReason("ServerClosed", () => Effect.void))).type.toBe<
      Effect.Effect<void | Film, ProtocolError>
    >()
  })
})

describe("catching one reason after another", () => {
  test("takes each of them out", () => {
    expect(
      effect.pipe(
        NetworkError.catchReason("ServerClosed", () => Effect.void),
        NetworkError.catchReason("ConnectionLost", () => Effect.void),
        Effect.catchTag("ProtocolError", () => Effect.void)
      )
    ).type.toBe<
      Effect.Effect<
        void | Film,
        Without<"ServerClosed" | "ConnectionLost"> | OperationError,
        "Client"
      >
    >()
  })

  test("until none is left, leaves no NetworkError", () => {
    const ignored = () => Effect.void
    expect(
      pipe(
        effect,
        NetworkError.catchReason("OptionFailed", ignored),
        NetworkError.catchReason("ConnectTimeout", ignored),
        NetworkError.catchReason("ConnectFailed", ignored),
        NetworkError.catchReason("HandshakeRejected", ignored),
        NetworkError.catchReason("AckTimeout", ignored),
        NetworkError.catchReason("ConnectionRejected", ignored),
        NetworkError.catchReason("KeepaliveTimeout", ignored),
        NetworkError.catchReason("ConnectionLost", ignored),
        NetworkError.catchReason("ServerClosed", ignored),
        NetworkError.catchReason("ServerDisconnected", ignored),
        NetworkError.catchReason("EstablishTimeout", ignored),
        NetworkError.catchReason("ClientClosed", ignored),
        NetworkError.catchReason("OperationTimeout", ignored),
        NetworkError.catchReason("Unauthorized", ignored),
        NetworkError.catchReason("ReconnectRequested", ignored),
        NetworkError.catchReason("RequestRejected", ignored),
        NetworkError.catchReason("UploadFailed", ignored)
      )
    ).type.toBe<Effect.Effect<void | Film, ProtocolError | OperationError, "Client">>()
  })

  test("until none is left, leaves no NetworkError in a stream", () => {
    const ignored = () => Stream.empty
    expect(
      pipe(
        stream,
        NetworkError.catchReasonStream("OptionFailed", ignored),
        NetworkError.catchReasonStream("ConnectTimeout", ignored),
        NetworkError.catchReasonStream("ConnectFailed", ignored),
        NetworkError.catchReasonStream("HandshakeRejected", ignored),
        NetworkError.catchReasonStream("AckTimeout", ignored),
        NetworkError.catchReasonStream("ConnectionRejected", ignored),
        NetworkError.catchReasonStream("KeepaliveTimeout", ignored),
        NetworkError.catchReasonStream("ConnectionLost", ignored),
        NetworkError.catchReasonStream("ServerClosed", ignored),
        NetworkError.catchReasonStream("ServerDisconnected", ignored),
        NetworkError.catchReasonStream("EstablishTimeout", ignored),
        NetworkError.catchReasonStream("ClientClosed", ignored),
        NetworkError.catchReasonStream("OperationTimeout", ignored),
        NetworkError.catchReasonStream("Unauthorized", ignored),
        NetworkError.catchReasonStream("ReconnectRequested", ignored),
        NetworkError.catchReasonStream("RequestRejected", ignored),
        NetworkError.catchReasonStream("UploadFailed", ignored)
      )
    ).type.toBe<Stream.Stream<Film, ProtocolError | OperationError, "Client">>()
  })

  test("leaves what can still be caught by the error's tag", () => {
    expect(
      effect.pipe(
        NetworkError.catchReason("ServerClosed", () => Effect.void),
        Effect.catchTag("NetworkError", ({ reason }) => {
          expect(reason).type.toBe<Without<"ServerClosed">["reason"]>()
          return Effect.void
        })
      )
    ).type.toBe<Effect.Effect<void | Film, ProtocolError | OperationError, "Client">>()
  })
})
