/**
 * Apollo Server delivers incrementally with alphas of graphql 17 alone, each with its own format. One
 * process can have but one graphql, so this is what a module of such a server begins with.
 */
import { register } from "node:module"
import type { Start } from "./server.js"

/** Loads a server's module with the version of graphql that is installed under this name. */
export const withGraphql =
  (name: string, module: string): Start =>
  async (port, options) => {
    register("./graphqlHook.js", { parentURL: import.meta.url, data: name })
    // Type boundary: what every module here exports.
    const { start } = (await import(module)) as { readonly start: Start }
    await start(port, options)
  }
