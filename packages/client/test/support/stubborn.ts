import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as TestHttpServer from "@fiberline/testing/TestHttpServer"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import type { Network } from "./httpScenario.js"

const unlessWhole = (exit: Exit.Exit<unknown, unknown>): Effect.Effect<void> =>
  Exit.isSuccess(exit) ? Effect.void : Effect.never

const neverCancelled = (
  response: HttpClientResponse.HttpClientResponse
): HttpClientResponse.HttpClientResponse =>
  // Type boundary: `Object.create` gives no type; it is what its prototype is.
  Object.create(response, {
    stream: { value: Stream.ensuringWith(response.stream, unlessWhole) },
    text: { value: Effect.onExit(response.text, unlessWhole) }
  }) as HttpClientResponse.HttpClientResponse

/** A network whose requests, or the bodies of whose responses, are never done with being cancelled. */
export const stubborn = (what: "head" | "body"): Network =>
  Layer.map(TestHttpServer.layer, (context) => {
    const client = Context.get(context, HttpClient.HttpClient)
    return Context.add(
      context,
      HttpClient.HttpClient,
      HttpClient.transformResponse(client, (response) =>
        what === "head"
          ? Effect.onInterrupt(response, () => Effect.never)
          : Effect.map(response, neverCancelled)
      )
    )
  })
