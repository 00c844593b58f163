/**
 * Automatic persisted queries: a document is named by its hash, and its text sent to a server only when
 * that does not know it yet.
 *
 * Source: Apollo's protocol for automatic persisted queries.
 */
import type * as GraphQLOverHttp from "@fiberline/core/GraphQLOverHttp"
import type { OperationRequest } from "@fiberline/core/Message"
import * as PersistedQuery from "@fiberline/core/PersistedQuery"
import * as Effect from "effect/Effect"
import { encodeHex } from "effect/Encoding"
import type { EncodeError } from "../../OperationError.js"
import type { Executed } from "../../Middleware.js"
import * as Loss from "../loss.js"
import { Recent } from "../recent.js"
import type { Progress } from "./roundTrip.js"

type Failed = Loss.Failure | EncodeError

/** @param isPost whether it has to be a POST, however others are sent */
type Send = (request: GraphQLOverHttp.Request, isPost: boolean) => Effect.Effect<Executed, Failed>

export class PersistedQueries {
  /** Whether the server has them; `undefined` until it has said so. */
  #isSupported: boolean | undefined = undefined
  /** SHA-256 of documents, which are few unless they are built at run time. */
  readonly #hashes = new Recent<string, Promise<string>>(1000)

  /** By the hash, and by the text if that is what the server asks for. */
  execute(
    request: OperationRequest,
    send: Send,
    progress: Progress
  ): Effect.Effect<Executed, Failed> {
    return Effect.suspend(() => {
      if (this.#isSupported === false || request.documentId !== undefined) {
        return send(request, false)
      }
      // Fails where there is no cryptography: a browser has it on a secure page alone.
      const hash = Effect.tryPromise(() => this.#hashes.of(request.query, sha256))
      return Effect.matchEffect(hash, {
        onFailure: () => {
          this.#isSupported = false
          return send(request, false)
        },
        onSuccess: (hash) => this.#executeBy(hash, request, send, progress)
      })
    })
  }

  #executeBy(
    hash: string,
    request: OperationRequest,
    send: Send,
    progress: Progress
  ): Effect.Effect<Executed, Failed> {
    const named = {
      ...request,
      extensions: { ...request.extensions, ...PersistedQuery.extensionsOf(hash) }
    }
    const inFull = () => {
      progress.notExecuted()
      return send(request, false)
    }
    return Effect.matchEffect(send({ ...named, query: undefined }, false), {
      onFailure: (failure) =>
        this.#isSupported === undefined && isRefusal(failure)
          ? Effect.tap(inFull(), (executed) => this.#tryWithout(executed))
          : Effect.fail(failure),
      onSuccess: (executed) => {
        switch (PersistedQuery.verdict(executed.result)) {
          case "notFound":
            this.#isSupported = true
            progress.notExecuted()
            return send(named, true)
          case "notSupported":
            this.#isSupported = false
            return inFull()
          case "found":
            if (this.#isSupported === undefined && isRequestError(executed)) {
              return Effect.tap(inFull(), (executed) => this.#tryWithout(executed))
            }
            if (executed.result.data != null) this.#isSupported = true
            return Effect.succeed(executed)
        }
      }
    })
  }

  /** What failed by its hash was executed by its text, so it was the hash that failed. */
  #tryWithout({ result }: Executed): Effect.Effect<void> {
    return Effect.sync(() => {
      if (result.data != null) this.#isSupported ??= false
    })
  }
}

/**
 * A server that knows nothing of hashes says that there is no query, each in words of its own. By its
 * status it is certain that nothing was executed.
 */
const isRequestError = ({ response, result: { data, errors } }: Executed): boolean =>
  response !== undefined &&
  isMistake(response.status) &&
  data === undefined &&
  (errors ?? []).every(({ path }) => path == null)

/** The same, not said in GraphQL. */
const isRefusal = (failure: Failed): boolean => {
  if (!(failure instanceof Loss.Failure)) return false
  const error = failure.of(true)
  return (
    error._tag === "NetworkError" &&
    error.reason._tag === "RequestRejected" &&
    isMistake(error.reason.status)
  )
}

/**
 * A request that the server does not understand: Bad Request, Not Found, Method Not Allowed, Unprocessable
 * Content. Not one that it refuses for who sent it, or when.
 */
const isMistake = (status: number): boolean => mistakes.has(status)

const mistakes = new Set([400, 404, 405, 422])

const sha256 = async (text: string): Promise<string> =>
  encodeHex(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))))
