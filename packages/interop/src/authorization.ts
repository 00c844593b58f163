/** What AppSync is shown, right or wrong. */
import { apiKey, type Authorization, token } from "@fiberline/appsync/Authorization"
import { iam } from "@fiberline/appsync/Iam"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { permanent, refused } from "./servers/appSync.js"
import { credentials } from "./servers/server.js"
import type { Transport } from "./transport.js"

type Mode = Extract<Transport, `appsync${string}`>

const modes: { readonly [M in Mode]: (isRight: boolean) => Authorization } = {
  appsync: (isRight) => apiKey(isRight ? credentials : refused),
  "appsync-token": (isRight) => token(isRight ? credentials : refused),
  "appsync-iam": (isRight) => {
    const signed = iam({
      // No endpoint on this machine has it in its name.
      region: "us-east-1",
      credentials: {
        accessKeyId: permanent.accessKeyId,
        secretAccessKey: Redacted.make(isRight ? permanent.secretAccessKey : "of somebody else")
      }
    })
    return (authorized) => Effect.orDie(signed(authorized))
  }
}

/** By the transport's mode, wrong for some of what goes over the wire. */
export const authorization = (mode: Mode, isWrong: (body: string) => boolean): Authorization => {
  const right = modes[mode](true)
  const wrong = modes[mode](false)
  return (authorized) => (isWrong(authorized.body) ? wrong : right)(authorized)
}
