/** A schema, of a server or of a file. */
import * as Introspection from "@fiberline/client/Introspection"
import * as Effect from "effect/Effect"
import {
  buildClientSchema,
  buildSchema,
  type GraphQLSchema,
  introspectionFromSchema,
  type IntrospectionQuery,
  validateSchema
} from "graphql"
import * as Client from "./client.js"
import { failed } from "./failure.js"
import * as Files from "./files.js"
import type { Resolved } from "./options/connection.js"
import { printable } from "./printable.js"
import { Status, warnOf } from "./status.js"
import { UsageError } from "./usage.js"

/** Asks a server for it. */
export const introspect = (
  { connection, exposed, hide, reconnect, transports }: Resolved,
  wanted: Introspection.IntrospectionOptions = {}
) =>
  Effect.gen(function* () {
    const status = yield* Status
    yield* warnOf(exposed)
    yield* status.waitFor(`asking ${connection.endpoint.shown} for its schema`)
    const client = yield* Client.make(connection, transports[0], reconnect ?? false)
    return yield* Introspection.introspect(client, wanted).pipe(
      Effect.ensuring(status.settled),
      Effect.catchAll((error) => failed(error, hide))
    )
  }).pipe(Effect.scoped)

/** What an introspection query gives, with no more in it than was asked for. */
export const toJson = (
  schema: GraphQLSchema,
  { descriptions, directiveIsRepeatable, inputValueDeprecation, ...more }: Asked
): string => {
  const { oneOf, schemaDescription, specifiedByUrl } = more
  const asked = { descriptions, directiveIsRepeatable, inputValueDeprecation, oneOf }
  return JSON.stringify(
    introspectionFromSchema(schema, { ...asked, schemaDescription, specifiedByUrl }),
    null,
    2
  )
}

type Asked = {
  readonly [
    Name in
      | "descriptions"
      | "directiveIsRepeatable"
      | "inputValueDeprecation"
      | "oneOf"
      | "schemaDescription"
      | "specifiedByUrl"
  ]: boolean
}

/** Of a file in the schema definition language, or with the JSON of an introspection. */
export const read = (path: string) =>
  Effect.gen(function* () {
    const text = yield* Files.read(path)
    const schema = yield* Effect.try({
      try: () => (/^\s*\{/.test(text) ? ofJson(text) : buildSchema(text)),
      catch: (error) => unfit(path, error instanceof Error ? error.message : "")
    })
    return yield* checked(path, schema)
  })

/** A schema by which documents can be judged. */
export const checked = (
  where: string,
  schema: GraphQLSchema
): Effect.Effect<GraphQLSchema, UsageError> => {
  const [error] = validateSchema(schema)
  return error ? Effect.fail(unfit(where, error.message)) : Effect.succeed(schema)
}

const unfit = (where: string, why: string): UsageError =>
  new UsageError({ message: `${printable(where)} has no valid schema: ${printable(why)}` })

/** A whole response, or the data in it. */
const ofJson = (text: string): GraphQLSchema => {
  const json: unknown = JSON.parse(text)
  const data = typeof json === "object" && json !== null && "data" in json ? json.data : json
  // Type boundary: where it is no such thing, `buildClientSchema` throws what it missed.
  return buildClientSchema(data as IntrospectionQuery)
}
