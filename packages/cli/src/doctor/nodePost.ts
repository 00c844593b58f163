/** One GraphQL query by POST. */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Http from "node:http"
import * as Https from "node:https"
import { type ProbeFailure, SystemFailure } from "./failure.js"
import type { Endpoint } from "./endpoint.js"
import type { Headers, HttpAnswer } from "./prober.js"

/** An answer to the smallest query is no longer. */
const maxBody = 64 * 1024

export const post =
  (ca: ReadonlyArray<string> | undefined) =>
  ({ isSecure, url }: Endpoint, headers: Headers, body: string) =>
    Effect.async<HttpAnswer, ProbeFailure>((resume) => {
      const target = new URL(url)
      target.protocol = isSecure ? "https:" : "http:"
      const request = (isSecure ? Https : Http).request(target, {
        method: "POST",
        // A connection of its own, which ends with it.
        agent: false,
        headers: {
          "content-type": "application/json",
          accept: "application/graphql-response+json, application/json;q=0.9",
          "content-length": Buffer.byteLength(body),
          ...Object.fromEntries(
            Object.entries(headers).map(([name, value]) => [name, Redacted.value(value)])
          )
        },
        ...(ca !== undefined && { ca: Array.from(ca) })
      })
      const fail = (error: Error & { readonly code?: unknown }): void => {
        const code = typeof error.code === "string" ? error.code : error.name
        resume(Effect.fail(new SystemFailure({ code, detail: error.message })))
      }
      request.on("error", fail)
      request.on("response", (response) => {
        let text = ""
        const done = (): void =>
          resume(
            Effect.succeed({
              status: response.statusCode ?? 0,
              mediaType: response.headers["content-type"]?.split(";")[0]?.trim(),
              body: text
            })
          )
        response.setEncoding("utf8")
        response.on("data", (chunk: string) => {
          text += chunk
          if (text.length <= maxBody) return
          done()
          request.destroy()
        })
        response.on("end", done).on("error", fail)
      })
      request.end(body)
      return Effect.sync(() => request.destroy())
    })
