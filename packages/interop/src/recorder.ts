/** What a client sends: whether a server was asked in the way that is on trial, or in another after all. */
import * as HttpClient from "@effect/platform/HttpClient"
import type { HttpClientRequest } from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"

export interface Sent {
  readonly method: string
  /** What it asks for, if that is JSON: in the body, or among the parameters. */
  readonly asked: unknown
}

/** An effect's requests, as they are sent. */
export const recorded = <A, E, R>(
  run: (sent: ReadonlyArray<Sent>) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R | HttpClient.HttpClient> =>
  Effect.flatMap(HttpClient.HttpClient, (client) => {
    const sent: Array<Sent> = []
    const recording = HttpClient.tapRequest(client, (request) =>
      Effect.sync(() => void sent.push({ method: request.method, asked: asked(request) }))
    )
    return Effect.provideService(run(sent), HttpClient.HttpClient, recording)
  })

const asked = ({ body, url, urlParams }: HttpClientRequest): unknown => {
  switch (body._tag) {
    case "Empty": {
      const parameters = [...new URL(url).searchParams, ...urlParams]
      return Object.fromEntries(
        parameters.map(([name, value]) => [
          name,
          name === "extensions" || name === "variables" ? JSON.parse(value) : value
        ])
      )
    }
    case "Uint8Array":
      return JSON.parse(new TextDecoder().decode(body.body))
    default:
      return undefined
  }
}
