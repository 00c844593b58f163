/** What of a schema to ask a server for. */
import * as Options from "@effect/cli/Options"
import type { IntrospectionOptions } from "@fiberline/client/Introspection"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { UsageError } from "../usage.js"

const flag = (name: string, about: string) =>
  Options.boolean(name).pipe(Options.withDescription(about))

/** Older servers refuse to be asked for what they do not know, so all of it has to be wanted. */
export const config = {
  descriptions: Options.map(flag("no-descriptions", "Leaves descriptions out."), (no) => !no),
  schemaDescription: flag("schema-description", "Asks for the schema's own description."),
  specifiedByUrl: flag("specified-by-url", "Asks where scalars are specified."),
  directiveIsRepeatable: flag("directive-is-repeatable", "Asks which directives can be repeated."),
  inputValueDeprecation: flag(
    "input-value-deprecation",
    "Asks for deprecated arguments and input fields too."
  ),
  oneOf: flag("one-of", "Asks which input objects are @oneOf."),
  typeDepth: Options.text("type-depth").pipe(
    Options.withPseudoName("<n>"),
    Options.withDescription("How many lists and non-nulls around a type are followed. Default 9."),
    Options.optional
  )
}

export interface Given extends Required<
  Omit<IntrospectionOptions, "timeout" | "extensions" | "typeDepth">
> {
  readonly typeDepth: Option.Option<string>
}

export const resolve = (given: Given): Either.Either<IntrospectionOptions, UsageError> => {
  const { descriptions, directiveIsRepeatable, inputValueDeprecation } = given
  const { oneOf, schemaDescription, specifiedByUrl } = given
  const depth = Option.getOrUndefined(given.typeDepth)
  if (depth !== undefined && !/^[1-9]\d?$/.test(depth)) {
    return Either.left(new UsageError({ message: "--type-depth must be a number from 1 to 99" }))
  }
  return Either.right({
    descriptions,
    directiveIsRepeatable,
    inputValueDeprecation,
    oneOf,
    schemaDescription,
    specifiedByUrl,
    ...(depth !== undefined && { typeDepth: Number(depth) })
  })
}
