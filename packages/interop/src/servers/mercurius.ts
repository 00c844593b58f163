/** Mercurius on Fastify, with its own WebSockets. */
import Fastify from "fastify"
import mercurius from "mercurius"
import upload from "mercurius-upload"
import { schema } from "../schema.js"
import { host, isAuthorized, isPayloadAuthorized, path, type Start } from "./server.js"

export const start: Start = async (port, options) => {
  const app = Fastify()
  app.addHook("onRequest", async (request, reply) => {
    const isUpgrade = request.headers.upgrade !== undefined
    if (!isUpgrade && !isAuthorized(options, request.headers.authorization)) {
      await reply.code(401).send()
    }
  })
  await app.register(upload.default)
  await app.register(mercurius, {
    schema,
    path,
    allowBatchedQueries: true,
    persistedQueryProvider: mercurius.persistedQueryDefaults.automatic(),
    subscription: {
      fullWsTransport: true,
      onConnect: ({ payload }: { readonly payload?: unknown }) =>
        isPayloadAuthorized(options, payload)
    }
  })
  await app.listen({ port, host })
}
