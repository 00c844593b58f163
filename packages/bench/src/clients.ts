/** The clients by name. Each is loaded by itself: no process pays for another's code. */
import type { Adapter } from "./adapter.js"
import type { QueryAdapter } from "./queryAdapter.js"

const entry = <A>(label: string, load: () => Promise<A>) => ({ label, load })

/** Those that subscribe. */
export const subscribing = {
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

/** Those that query over HTTP. */
export const querying = {
  limit: entry("the limit", async () => (await import("./queries/limit.js")).limit),
  query: entry("Fiberline `query`", async () => (await import("./queries/fiberline.js")).fiberline),
  platform: entry(
    "`HttpClient` of @effect/platform",
    async () => (await import("./queries/platform.js")).platform
  ),
  graphqlRequest: entry(
    "graphql-request",
    async () => (await import("./queries/graphqlRequest.js")).graphqlRequest
  ),
  apollo: entry("Apollo Client", async () => (await import("./queries/apollo.js")).apollo),
  urql: entry("urql", async () => (await import("./queries/urql.js")).urql)
} as const

export type SubscribingName = keyof typeof subscribing
export type QueryingName = keyof typeof querying
export type ClientName = SubscribingName | QueryingName

// Type boundary: these are the keys of the objects above.
export const subscribingNames = Object.keys(subscribing) as ReadonlyArray<SubscribingName>
export const queryingNames = Object.keys(querying) as ReadonlyArray<QueryingName>
export const clientNames: ReadonlyArray<ClientName> = Array.from(
  new Set([...subscribingNames, ...queryingNames])
)

interface Entry {
  readonly label: string
  readonly load: () => Promise<Adapter | QueryAdapter>
}

// Type boundary: a name that is none of these is that of a client which is measured no more.
const find = (table: object, name: string): Entry | undefined =>
  (table as { readonly [name: string]: Entry })[name]

/** What a client is called in tables: its name, if it is measured no more. */
export const labelOf = (name: string): string =>
  (find(subscribing, name) ?? find(querying, name))?.label ?? name

/** Fails for a client that cannot do what is to be measured. */
export const load = async (
  name: ClientName,
  does: "subscribe" | "query"
): Promise<Adapter | QueryAdapter> => {
  const entry = find(does === "query" ? querying : subscribing, name)
  if (entry === undefined) throw new Error(`${name} does not ${does}`)
  return entry.load()
}
