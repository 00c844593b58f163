/** Has modules that are loaded from now on import another version of graphql: a hook of `node:module`. */
import type { InitializeHook, ResolveHook } from "node:module"

let instead = "graphql"

export const initialize: InitializeHook<string> = (name) => {
  instead = name
}

export const resolve: ResolveHook = (specifier, context, next) =>
  specifier === "graphql"
    ? next(instead, { ...context, parentURL: import.meta.url })
    : next(specifier, context)
