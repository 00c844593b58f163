/** The clients by name. Each is loaded by itself: no process pays for another's code. */
import type { Adapter } from "./adapter.js"

const entry = (label: string, load: () => Promise<Adapter>) => ({ label, load })

export const clients = {
  limit: entry("the limit", async () => (await import("./adapters/limit.js")).limit),
  forEach: entry(
    "Fiberline `runForEach`",
    async () => (await import("./adapters/fiberline.js")).fiberlineForEach
  ),
  chunks: entry(
    "Fiberline `runForEachChunk`",
    async () => (await import("./adapters/fiberline.js")).fiberlineChunks
  ),
  take: entry(
    "Fiberline `subscription`",
    async () => (await import("./adapters/fiberline.js")).fiberlineTake
  ),
  stream: entry(
    "Fiberline `subscribe` (a Stream)",
    async () => (await import("./adapters/fiberline.js")).fiberlineStream
  ),
  many: entry(
    "Fiberline `subscribeMany`",
    async () => (await import("./adapters/fiberline.js")).fiberlineMany
  ),
  schema: entry(
    "Fiberline with a Schema",
    async () => (await import("./adapters/fiberline.js")).fiberlineSchema
  ),
  sliding: entry(
    "Fiberline `sliding`",
    async () => (await import("./adapters/fiberline.js")).fiberlineSliding
  ),
  graphqlWs: entry(
    "graphql-ws sink",
    async () => (await import("./adapters/graphqlWs.js")).graphqlWsSink
  ),
  graphqlWsIterate: entry(
    "graphql-ws iterate",
    async () => (await import("./adapters/graphqlWs.js")).graphqlWsIterate
  ),
  apollo: entry("Apollo Client", async () => (await import("./adapters/apollo.js")).apollo),
  urql: entry("urql", async () => (await import("./adapters/urql.js")).urql),
  relay: entry("Relay", async () => (await import("./adapters/relay.js")).relay),
  subscriptionsTransportWs: entry(
    "subscriptions-transport-ws",
    async () => (await import("./adapters/subscriptionsTransportWs.js")).subscriptionsTransportWs
  ),
  effect4: entry(
    "effect 4.1 `effect/graphql`",
    async () => (await import("./adapters/effect4.js")).effect4
  )
} as const

export type ClientName = keyof typeof clients

// Type boundary: these are the keys of the object above.
export const clientNames = Object.keys(clients) as ReadonlyArray<ClientName>
