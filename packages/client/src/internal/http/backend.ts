/** What carries a client's calls over HTTP. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import { parallel } from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as NetworkError from "../../NetworkError.js"
import { ProtocolError } from "../../ProtocolError.js"
import * as Status from "../../Status.js"
import { type Backend, fromSession, noRoute, type Reporter, type Route } from "../backend.js"
import { identify } from "../document.js"
import * as Loss from "../loss.js"
import type { Options } from "../options.js"
import type { Registry } from "../registry.js"
import { Secrets } from "../secrets.js"
import * as Session from "../session.js"
import { Verdict } from "../verdict.js"
import { Credentials } from "./access.js"
import { quiet } from "./exchange.js"
import { distinctEvents, increments, parts } from "./format.js"
import { type RequestOptions, Requests } from "./requests.js"
import * as ResponseConnection from "./responseConnection.js"
import * as SingleConnection from "./singleConnection.js"
import { Site } from "./site.js"
import { Streams } from "./streams.js"

/** What carries subscriptions, unless a call says otherwise. */
export type Subscriptions = "sse" | "multipart" | "websocket"

export interface HttpBackendOptions extends RequestOptions {
  readonly subscriptions: Subscriptions
  readonly singleConnection: boolean
}

/** @param makeWebSocket for what is to go over one, if anything is */
export const make = (
  options: Options,
  httpOptions: HttpBackendOptions,
  makeWebSocket:
    ((secrets: Secrets) => Effect.Effect<Session.Session, never, Scope.Scope>) | undefined
): Effect.Effect<Backend, never, HttpClient.HttpClient | Scope.Scope> =>
  Effect.gen(function* () {
    const http = quiet(yield* HttpClient.HttpClient)
    const host = yield* Session.host
    const { clock, fibers } = host
    const secrets = new Secrets()
    const credentials = new Credentials(options, secrets, fibers)
    const site = new Site(options, http, credentials, secrets)
    const closed = new Verdict<never, Loss.Failure>()
    const requests = new Requests(site, httpOptions, clock, fibers, closed)
    // Nothing is kept of a subscription that has its connection to itself.
    const streams = new Streams({ ...options, idleTimeout: 0 }, host, secrets)

    // All at once, or the bound of one would be added to that of the next.
    const sessions = yield* Scope.make(parallel)

    yield* Effect.addFinalizer(() => {
      const reason = new NetworkError.ClientClosed()
      closed.decide(Effect.fail(Loss.networkFailure(reason, "closed", credentials.endpoint)))
      return Effect.all([streams.close, Scope.close(sessions, Exit.void)], {
        concurrency: "unbounded",
        discard: true
      }).pipe(
        Effect.ensuring(fibers.interrupt),
        Effect.ensuring(Effect.sync(() => streams.status.set(Status.Closed())))
      )
    })
    const single = httpOptions.singleConnection
      ? yield* Scope.extend(
          Session.make(options, SingleConnection.transport(site, fibers), secrets),
          sessions
        )
      : undefined
    const webSocket = makeWebSocket && (yield* Scope.extend(makeWebSocket(secrets), sessions))
    const overWebSocket = webSocket && fromSession(webSocket)
    const overSse = single && fromSession(single)

    const open = (route: Route = httpOptions.subscriptions): Registry => {
      switch (route) {
        case "sse":
          return (
            overSse?.open(undefined) ??
            streams.open(ResponseConnection.transport(site, distinctEvents))
          )
        case "multipart":
          return streams.open(ResponseConnection.transport(site, parts))
        case "websocket":
          if (overWebSocket) return overWebSocket.open(undefined)
          throw noRoute(route)
        case "http":
          throw noRoute(route)
      }
    }

    const openIncremental = (route: Route = "http"): Registry =>
      route === "http" ? streams.open(ResponseConnection.transport(site, increments)) : open(route)

    const main =
      httpOptions.subscriptions === "websocket"
        ? overWebSocket
        : httpOptions.subscriptions === "sse"
          ? overSse
          : undefined

    return {
      options,
      reporter: reporter(credentials, secrets),
      transportOf: (kind, route) =>
        route ?? (kind === "subscription" ? httpOptions.subscriptions : "http"),
      execute: (execution) => {
        const { route = "http" } = execution
        if (route === "http") return requests.execute(execution)
        return route === "websocket" && overWebSocket
          ? overWebSocket.execute(execution)
          : Effect.die(noRoute(route))
      },
      open,
      openIncremental,
      connect: Effect.as(
        requests.execute({
          kind: "query",
          request: identify("{ __typename }", options.documentId),
          timeout: options.operationTimeout,
          isRepeatable: true,
          route: undefined,
          method: undefined
        }),
        {}
      ).pipe(Effect.catchTag("EncodeError", Effect.die)),
      status: main?.status ?? streams.status.subscribable,
      reconnect: Effect.suspend(() => {
        credentials.forget()
        streams.reconnect()
        return Effect.all([single?.reconnect ?? Effect.void, webSocket?.reconnect ?? Effect.void], {
          discard: true
        })
      })
    }
  })

const reporter = (credentials: Credentials, secrets: Secrets): Reporter => ({
  scrub: (text) => secrets.scrub(text),
  violation: (violation, detail) =>
    new ProtocolError({
      violation,
      detail,
      phase: "live",
      endpoint: credentials.endpoint,
      sent: true
    })
})
