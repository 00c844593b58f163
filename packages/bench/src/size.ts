/** P5: how much JavaScript a program is, bundled and minified by esbuild and compressed by gzip. */
import { build, type BuildOptions } from "esbuild"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"

export interface Sizes {
  /** In bytes, by what it is the size of. */
  readonly [name: string]: number
}

/** Each subscribes in a browser, where the WebSocket is there already, and prints what comes. */
const programs: { readonly [name: string]: string } = {
  "graphql-ws": `
    import { createClient } from "graphql-ws"
    createClient({ url: "wss://example.com" })
      .subscribe({ query: "subscription { a }" }, { next: console.log, error: console.error, complete() {} })`,
  urql: `
    import { Client, subscriptionExchange } from "@urql/core"
    import { createClient } from "graphql-ws"
    const ws = createClient({ url: "wss://example.com" })
    new Client({ url: "https://example.com", exchanges: [subscriptionExchange({
      forwardSubscription: ({ query, variables }) => ({
        subscribe: (sink) => ({ unsubscribe: ws.subscribe({ query, variables }, sink) })
      })
    })] }).subscription("subscription { a }", {}).subscribe(console.log)`,
  "Apollo Client": `
    import { ApolloClient, InMemoryCache, gql } from "@apollo/client"
    import { GraphQLWsLink } from "@apollo/client/link/subscriptions"
    import { createClient } from "graphql-ws"
    new ApolloClient({
      cache: new InMemoryCache(),
      link: new GraphQLWsLink(createClient({ url: "wss://example.com" }))
    }).subscribe({ query: gql("subscription { a }") }).subscribe(console.log)`,
  "effect 4.1 `effect/graphql`": `
    import * as Effect from "effect4/Effect"
    import * as GraphQL from "effect4/graphql/GraphQL"
    import * as GraphQLClient from "effect4/graphql/GraphQLClient"
    import * as GraphQLGroup from "effect4/graphql/GraphQLGroup"
    import * as GraphQLProtocol from "effect4/graphql/GraphQLProtocol"
    import * as Layer from "effect4/Layer"
    import * as Schema from "effect4/Schema"
    import * as Socket from "effect4/socket/Socket"
    import * as Stream from "effect4/Stream"
    const group = GraphQLGroup.make(GraphQL.subscription("A", {
      document: "subscription A { a }", result: Schema.Struct({ a: Schema.Int })
    }))
    Effect.runFork(GraphQLClient.make(group).pipe(
      Effect.flatMap((client) => Stream.runForEach(client.A(), (a) => Effect.sync(() => console.log(a)))),
      Effect.provide(GraphQLProtocol.layerWebSocket({ url: "wss://example.com" })),
      Effect.provide(Socket.layerWebSocketConstructorGlobal)
    ))`
}

const fiberline = `
  import * as GraphQLClient from "@fiberline/client/GraphQLClient"
  import * as WebSocketWire from "@fiberline/client/WebSocketWire"
  import * as Socket from "@effect/platform/Socket"
  import * as Effect from "effect/Effect"
  import * as Stream from "effect/Stream"
  Effect.runFork(GraphQLClient.GraphQLClient.pipe(
    Effect.flatMap((client) =>
      Stream.runForEach(client.subscribe("subscription { a }"), (a) => Effect.sync(() => console.log(a)))),
    Effect.provide(GraphQLClient.layer({ url: "wss://example.com" })),
    Effect.provide(WebSocketWire.layer),
    Effect.provide(Socket.layerWebSocketConstructorGlobal)
  ))`

const options: BuildOptions = {
  bundle: true,
  minify: true,
  format: "esm",
  platform: "browser",
  target: "es2022",
  write: false,
  metafile: true,
  logLevel: "silent"
}

const bundle = async (contents: string, external: ReadonlyArray<string> = []) => {
  const resolveDir = fileURLToPath(new URL("..", import.meta.url))
  const { metafile, outputFiles = [] } = await build({
    ...options,
    external: Array.from(external),
    stdin: { contents, resolveDir }
  })
  const gzipped = outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents).length, 0)
  return { gzipped, inputs: Object.keys(metafile?.inputs ?? {}) }
}

/** Of a program for a WebSocket, what is neither Effect's nor `graphql`'s. */
export const ownCode = "Fiberline's own code"

/** What a WebSocket-only program of ours must not hold. */
const foreign = /^node:|[\\/](?:packages[\\/])?(?:node|testing)[\\/]dist[\\/]|http/i

export const sizes = async (): Promise<Sizes> => {
  const own = await bundle(fiberline, ["effect", "effect/*", "@effect/*", "graphql"])
  const stray = own.inputs.filter((input) => foreign.test(input))
  if (stray.length > 0) throw new Error(`a program for a WebSocket holds ${stray.join(", ")}`)
  const all: Array<readonly [string, number]> = [
    [ownCode, own.gzipped],
    ["Fiberline, minimal program", (await bundle(fiberline)).gzipped]
  ]
  for (const [name, program] of Object.entries(programs)) {
    all.push([`${name}, minimal program`, (await bundle(program)).gzipped])
  }
  return Object.fromEntries(all)
}
