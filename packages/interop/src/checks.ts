/** The checks: each says what came, or fails with what should have. */
import type { Service } from "@fiberline/client/GraphQLClient"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Stream from "effect/Stream"
import * as Client from "./client.js"
import type { Feature } from "./features.js"
import * as Operations from "./operations.js"
import { tell, unexpected, within } from "./outcome.js"
import { isOperationError, isRefusal } from "./errors.js"
import { denial } from "./denial.js"
import { blackHole, restart } from "./faults.js"
import { incrementalDelivery } from "./increments.js"
import { batching, getQuery, persistedQuery, upload } from "./requests.js"
import { failCode } from "./schema.js"
import type { Stage } from "./stage.js"
import { isEndless, subscribesApart, type Transport } from "./transport.js"

export type Check = (stage: Stage) => Effect.Effect<string, unknown, Client.Needs>

const withClient =
  (check: (client: Service, stage: Stage) => Effect.Effect<string, unknown>): Check =>
  (stage) =>
    Effect.flatMap(
      Client.make(stage.transport, stage.server.port, { reconnect: false }),
      (client) => check(client, stage)
    )

const query = withClient((client) =>
  Effect.gen(function* () {
    const { hello } = yield* client.query(Operations.Hello, { variables: { name: "Ada" } })
    if (hello !== "Hello, Ada!") return yield* unexpected("Hello, Ada!", hello)
    return hello
  })
)

const mutation = withClient((client) =>
  Effect.gen(function* () {
    const before = yield* client.mutate(Operations.Bump, { variables: { by: 2 } })
    const after = yield* client.mutate(Operations.Bump, { variables: { by: 3 } })
    if (after.bump - before.bump !== 3) return yield* unexpected("3 more", [before, after])
    return "bumped once each time"
  })
)

const subscription = withClient((client, { transport }) =>
  Effect.gen(function* () {
    const counted = yield* client
      .subscribe(Operations.Count, { variables: { to: 5 } })
      .pipe(
        isEndless(transport) ? Stream.take(5) : identity,
        Stream.runCollect,
        within("10 seconds", "5 numbers and an end")
      )
    const numbers = Chunk.toReadonlyArray(counted).map(({ count }) => count)
    if (numbers.join() !== "1,2,3,4,5") return yield* unexpected("1 to 5", numbers)
    return isEndless(transport) ? "1 to 5" : "1 to 5, and the end"
  })
)

const fieldError = withClient((client) =>
  Effect.gen(function* () {
    const exit = yield* Effect.exit(client.query(Operations.Fails))
    const isIt = isOperationError(exit, ({ errors }) =>
      errors.some(
        ({ extensions, path }) => path?.[0] === "fails" && extensions?.["code"] === failCode
      )
    )
    if (!isIt) return yield* unexpected(`an OperationError with the code ${failCode}`, tell(exit))
    return tell(exit)
  })
)

const validationError = withClient((client, { transport }) =>
  Effect.gen(function* () {
    const exit = yield* Effect.exit(
      subscribesApart(transport)
        ? Stream.runDrain(client.subscribe(Operations.StreamOfNonsense))
        : client.query(Operations.Nonsense)
    ).pipe(within("10 seconds", "an OperationError"))
    const isIt = isOperationError(exit, ({ message }) => /nonsense|validation/.test(message))
    if (!isIt) return yield* unexpected("an OperationError about `nonsense`", tell(exit))
    return tell(exit)
  })
)

/** What a transport can do at least: the least that a refusal refuses. */
const ask = (client: Service, transport: Transport): Effect.Effect<unknown, unknown> =>
  subscribesApart(transport)
    ? Stream.runHead(client.subscribe(Operations.Count, { variables: { to: 1 } }))
    : client.query(Operations.Hello, { variables: { name: "Ada" } })

const unauthorized: Check = ({ guardedServer, transport }) =>
  Effect.gen(function* () {
    const { port } = yield* guardedServer
    const stranger = yield* Client.make(transport, port, { reconnect: false, isAuthorized: false })
    const refused = yield* Effect.exit(ask(stranger, transport)).pipe(
      within("10 seconds", "a NetworkError")
    )
    if (!isRefusal(refused)) {
      return yield* unexpected(
        "a NetworkError that says the credentials were refused",
        tell(refused)
      )
    }
    const friend = yield* Client.make(transport, port, { reconnect: false })
    const served = yield* Effect.exit(ask(friend, transport))
    if (served._tag === "Failure") {
      return yield* unexpected("an answer to who has credentials", tell(served))
    }
    return tell(refused)
  })

export const checks: { readonly [F in Feature]: Check } = {
  query,
  mutation,
  subscription,
  "field error": fieldError,
  "validation error": validationError,
  unauthorized,
  denial,
  restart,
  "black hole": blackHole,
  "incremental delivery": incrementalDelivery,
  "GET query": getQuery,
  "persisted query": persistedQuery,
  batching,
  upload
}
