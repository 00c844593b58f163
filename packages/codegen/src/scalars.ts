/** Scalars: GraphQL's own, and those that the configuration maps to Schemas. */
import type { Mapping } from "./model.js"

/** What the specification says of its scalars. */
export const specified: { readonly [name: string]: string } = {
  ID: "Schema.String",
  String: "Schema.String",
  Boolean: "Schema.Boolean",
  Int: "Schema.Int",
  Float: "Schema.Finite"
}

/** `Schema.Date`, or any expression of that module; `./scalars.js#Uri`, an export of another. */
export const toMapping = (text: string): Mapping | undefined => {
  const trimmed = text.trim()
  if (/^Schema\.\w/.test(trimmed)) return { _tag: "Expression", text: trimmed }
  const [, module, name] = /^([^#\s]+)#([\p{ID_Start}$_][\p{ID_Continue}$]*)$/u.exec(trimmed) ?? []
  return module === undefined || name === undefined ? undefined : { _tag: "Import", module, name }
}
