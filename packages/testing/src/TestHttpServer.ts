/**
 * An HTTP server in memory whose every step a test decides.
 *
 * It takes the place of the network: `TestHttpServer.layer` is the `HttpClient` that a client needs. Under
 * `TestClock` a test waits for nothing but the time it sets.
 *
 * ```
 * accept → respond
 *        → stream → send … end
 *        ↘ fail            ↘ fail, or nothing more
 * ```
 *
 * @since 0.1.0
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"

/**
 * @since 0.1.0
 * @category models
 */
export interface TestHttpServer {
  /** The next request; waits for one. */
  readonly accept: Effect.Effect<TestRequest>
  /** How many requests there have been. */
  readonly requests: Effect.Effect<number>
  /** How many have neither their whole response nor been aborted: what a leak check asks. */
  readonly open: Effect.Effect<number>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface TestRequest {
  readonly method: string
  readonly url: URL
  readonly headers: { readonly [name: string]: string }
  /** The body as text; empty where there is none, or it is none of text. */
  readonly body: string
  /** The request as the client's own: for a body that is no text. */
  readonly request: HttpClientRequest.HttpClientRequest

  /**
   * Answers with a whole response. What is no string goes out as JSON. It is a GraphQL response, unless
   * its headers say otherwise or it is empty.
   */
  readonly respond: (
    body: unknown,
    options?: {
      readonly status?: number
      readonly headers?: { readonly [name: string]: string }
    }
  ) => Effect.Effect<void>
  /** Answers with the head of a response, whose body follows. */
  readonly stream: (
    contentType: string,
    options?: { readonly status?: number }
  ) => Effect.Effect<TestBody>
  /** Fails it as the operating system would. */
  readonly fail: (cause: unknown) => Effect.Effect<void>
  /** Ends when the client has aborted it. */
  readonly aborted: Effect.Effect<void>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface TestBody {
  /** Text, or bytes. */
  readonly send: (chunk: string | Uint8Array) => Effect.Effect<void>
  /** The end of the response. */
  readonly end: Effect.Effect<void>
  /** Breaks it off. */
  readonly fail: (cause: unknown) => Effect.Effect<void>
  /** How many chunks nobody has read. */
  readonly unread: Effect.Effect<number>
}

/**
 * @since 0.1.0
 * @category tags
 */
export const TestHttpServer = Context.GenericTag<TestHttpServer>(
  "@fiberline/testing/TestHttpServer"
)

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<TestHttpServer | HttpClient.HttpClient> = Layer.effectContext(
  Effect.map(Queue.unbounded<TestRequest>(), (accepted) => {
    const open = new Set<Exchange>()
    let requests = 0
    const server: TestHttpServer = {
      accept: Queue.take(accepted),
      requests: Effect.sync(() => requests),
      open: Effect.sync(() => open.size)
    }
    const client = HttpClient.make((request, url, signal) =>
      Effect.suspend(() => {
        requests++
        const exchange = new Exchange(request, url, open)
        signal.addEventListener("abort", () => exchange.abort())
        if (signal.aborted) exchange.abort()
        return Effect.zipRight(
          Queue.offer(accepted, exchange.asRequest),
          // As `fetch` is, which is left to itself when it is interrupted.
          Deferred.await(exchange.response)
        )
      })
    )
    return Context.make(TestHttpServer, server).pipe(Context.add(HttpClient.HttpClient, client))
  })
)

type Piece =
  | { readonly _tag: "Chunk"; readonly bytes: Uint8Array }
  | { readonly _tag: "End" }
  | { readonly _tag: "Failed"; readonly cause: unknown }

class Exchange {
  readonly response = Deferred.unsafeMake<
    HttpClientResponse.HttpClientResponse,
    HttpClientError.HttpClientError
  >(FiberId.none)
  readonly #aborted = Deferred.unsafeMake<void>(FiberId.none)
  readonly #pieces = Effect.runSync(Queue.unbounded<Piece>())

  constructor(
    readonly request: HttpClientRequest.HttpClientRequest,
    readonly url: URL,
    readonly open: Set<Exchange>
  ) {
    open.add(this)
  }

  abort(): void {
    this.open.delete(this)
    const cause = new DOMException("This operation was aborted", "AbortError")
    Deferred.unsafeDone(this.#aborted, Effect.void)
    Deferred.unsafeDone(this.response, this.#failure(cause))
    this.#pieces.unsafeOffer({ _tag: "Failed", cause })
  }

  get asRequest(): TestRequest {
    const { body, headers, method } = this.request
    return {
      method,
      url: this.url,
      headers,
      body: body._tag === "Uint8Array" ? new TextDecoder().decode(body.body) : "",
      request: this.request,
      respond: (body, { headers, status = 200 } = {}) =>
        Effect.suspend(() => {
          const text = typeof body === "string" ? body : JSON.stringify(body)
          const bytes = new TextEncoder().encode(text)
          this.#begin(status, {
            ...(text !== "" && { "content-type": "application/graphql-response+json" }),
            "content-length": String(bytes.length),
            ...headers
          })
          this.#pieces.unsafeOffer({ _tag: "Chunk", bytes })
          return this.#end
        }),
      stream: (contentType, { status = 200 } = {}) =>
        Effect.sync(() => {
          this.#begin(status, { "content-type": contentType })
          return this.#body
        }),
      fail: (cause) =>
        Effect.sync(() => {
          this.open.delete(this)
          Deferred.unsafeDone(this.response, this.#failure(cause))
        }),
      aborted: Deferred.await(this.#aborted)
    }
  }

  get #body(): TestBody {
    return {
      send: (chunk) =>
        Effect.sync(() => {
          const bytes = typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk
          this.#pieces.unsafeOffer({ _tag: "Chunk", bytes })
        }),
      end: this.#end,
      fail: (cause) =>
        Effect.sync(() => {
          this.open.delete(this)
          this.#pieces.unsafeOffer({ _tag: "Failed", cause })
        }),
      // Whoever waits for one is counted as one too few.
      unread: Effect.map(Queue.size(this.#pieces), (size) => Math.max(0, size))
    }
  }

  get #end(): Effect.Effect<void> {
    return Effect.sync(() => {
      this.open.delete(this)
      this.#pieces.unsafeOffer({ _tag: "End" })
    })
  }

  #failure(cause: unknown) {
    return Effect.fail(
      new HttpClientError.RequestError({ request: this.request, reason: "Transport", cause })
    )
  }

  /** A response of the platform's own, but for its body, which waits for nothing but what is sent. */
  #begin(status: number, headers: { readonly [name: string]: string }): void {
    const head = HttpClientResponse.fromWeb(this.request, new Response(null, { status, headers }))
    const broken = (cause: unknown) =>
      new HttpClientError.ResponseError({
        request: this.request,
        response: head,
        reason: "Decode",
        cause
      })
    const stream = Stream.repeatEffectOption(
      Effect.flatMap(Queue.take(this.#pieces), (piece) => {
        switch (piece._tag) {
          case "Chunk":
            return Effect.succeed(piece.bytes)
          case "End":
            return Effect.fail(Option.none())
          case "Failed":
            return Effect.fail(Option.some(broken(piece.cause)))
        }
      })
    )
    const text = Stream.mkString(Stream.decodeText(stream))
    const response: HttpClientResponse.HttpClientResponse = Object.create(head, {
      stream: { value: stream },
      text: { value: text },
      json: { value: Effect.map(text, (body): unknown => JSON.parse(body)) }
    })
    Deferred.unsafeDone(this.response, Effect.succeed(response))
  }
}
