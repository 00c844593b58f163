/** IAM's credentials, as AWS's own tools find them in the environment. */
import type { AppSync } from "./appsync.js"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { UsageError } from "../usage.js"

/** Signs for the region of the environment, or of the endpoint's name. */
export const resolve = (url: URL): Effect.Effect<AppSync, UsageError> =>
  Effect.gen(function* () {
    const accessKeyId = yield* variable("AWS_ACCESS_KEY_ID")
    const secretAccessKey = yield* variable("AWS_SECRET_ACCESS_KEY")
    const sessionToken = yield* variable("AWS_SESSION_TOKEN")
    const region = (yield* variable("AWS_REGION")) ?? (yield* variable("AWS_DEFAULT_REGION"))
    if (accessKeyId === undefined || secretAccessKey === undefined) {
      return yield* new UsageError({
        message:
          accessKeyId === secretAccessKey
            ? "AppSync needs --api-key, --jwt, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment"
            : `${accessKeyId === undefined ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY"} is not in the environment`
      })
    }
    // Loaded by nobody else: few need what signs.
    const { iam } = yield* Effect.promise(() => import("@fiberline/appsync/Iam"))
    const confidential = Redacted.make(secretAccessKey)
    const session = sessionToken === undefined ? undefined : Redacted.make(sessionToken)
    const sign = iam({
      credentials: { accessKeyId, secretAccessKey: confidential, sessionToken: session },
      region
    })
    // What can be signed once can be signed again.
    yield* Effect.mapError(
      sign({ kind: "request", url, body: "" }),
      () =>
        new UsageError({
          message:
            "AWS_REGION is not in the environment, and the name of the endpoint has no region"
        })
    )
    return {
      authorization: (authorized) => Effect.orDie(sign(authorized)),
      secrets: [Redacted.make(accessKeyId), confidential, ...(session ? [session] : [])],
      exposed: []
    }
  })

const variable = (name: string): Effect.Effect<string | undefined> =>
  Config.nonEmptyString(name).pipe(
    Effect.option,
    Effect.map((value) => Option.getOrUndefined(value))
  )
