/** The servers, and what each of them offers. */
import { type Feature, whyNotOver } from "./features.js"
import { type Particular, type Transport, transports } from "./transport.js"

export interface Subject {
  readonly name: string
  /**
   * The package that is on trial, by the name under which it is installed. Of a server of our own it is the
   * foreign client that has confirmed it.
   */
  readonly package: string
  /** Its module in `servers/`. */
  readonly module: string
  /** The one that delivers incrementally, where that needs another version of graphql. */
  readonly incrementalModule?: string
  /** Part of `npm test`. */
  readonly isQuick: boolean
  /** What it needs that is not from npm, and that Debian has. */
  readonly needs?: "PostgreSQL" | "Rails"
  /** The ways to it, where it is of a world of its own; all others are out of the question there. */
  readonly only?: ReadonlyArray<Particular>
  /** Why it does not offer a transport; those that are not here it offers. */
  readonly lacks: { readonly [T in Transport]?: string }
  /** Why it has no such thing over a transport that it does offer, or over any. */
  readonly without?: {
    readonly [T in Transport | "everywhere"]?: { readonly [F in Feature]?: string }
  }
}

const noMultipart = "it has no multipart subscriptions"
const noStreams = { sse: "it has no event streams", "sse-single": "it has no event streams" }
const distinctOnly = "its event streams are of the distinct connections mode"

const noLegacy = { legacy: "its WebSockets speak graphql-transport-ws alone" }
const legacyElsewhere = {
  legacy: "it can speak that of subscriptions-transport-ws too, and is not asked to: see there"
}

const graphqlWs = {
  lacks: {
    ...noLegacy,
    http: "it is for WebSockets alone",
    ...noStreams,
    multipart: noMultipart
  }
}

/** What there is nothing of where nobody has executed in pieces yet. */
const whole = { everywhere: { "incremental delivery": "it has no @defer" } }

const apollo = {
  isQuick: false,
  lacks: {
    ...noLegacy,
    ...noStreams,
    multipart: `${noMultipart}: those of its company are spoken by its router, which is no npm package`
  },
  without: {
    websocket: { "incremental delivery": "its WebSockets are those of graphql-ws: see there" }
  }
}

export const catalogue: ReadonlyArray<Subject> = [
  {
    name: "graphql-ws-5",
    package: "graphql-ws-5",
    module: "graphqlWs5",
    isQuick: false,
    ...graphqlWs
  },
  {
    name: "graphql-ws-6",
    package: "graphql-ws-6",
    module: "graphqlWs6",
    isQuick: true,
    ...graphqlWs
  },
  {
    name: "subscriptions-transport-ws",
    package: "subscriptions-transport-ws",
    module: "subscriptionsTransportWs",
    isQuick: true,
    lacks: {
      websocket: "it is what came before graphql-transport-ws",
      http: "it is for WebSockets alone",
      ...noStreams,
      multipart: noMultipart
    },
    without: whole
  },
  {
    name: "graphql-yoga",
    package: "graphql-yoga",
    module: "yoga",
    isQuick: true,
    lacks: {
      ...noLegacy,
      "sse-single": distinctOnly,
      multipart: "it answers a subscription with 406 unless event streams are accepted"
    }
  },
  {
    name: "graphql-sse",
    package: "graphql-sse",
    module: "graphqlSse",
    isQuick: true,
    lacks: {
      websocket: "it is for event streams alone",
      legacy: "it is for event streams alone",
      http: "it is for event streams alone, also for queries",
      multipart: noMultipart
    }
  },
  {
    name: "graphql-http",
    package: "graphql-http",
    module: "graphqlHttp",
    isQuick: true,
    lacks: {
      websocket: "it is for plain HTTP alone",
      legacy: "it is for plain HTTP alone",
      ...noStreams,
      multipart: noMultipart
    },
    without: {
      everywhere: { "incremental delivery": "it answers with one result" },
      http: {
        "persisted query": "it has no such thing, and is sent the text after all",
        batching: "it takes one operation at a time",
        upload: "it takes JSON alone"
      }
    }
  },
  {
    name: "apollo-server-4",
    package: "@apollo/server-4",
    module: "apollo4",
    incrementalModule: "apollo4Alpha",
    ...apollo
  },
  {
    name: "apollo-server-5",
    package: "@apollo/server-5",
    module: "apollo5",
    incrementalModule: "apollo5Alpha",
    ...apollo
  },
  {
    name: "nestjs",
    package: "@nestjs/graphql",
    module: "nestjs",
    isQuick: false,
    lacks: { ...legacyElsewhere, ...noStreams, multipart: noMultipart },
    without: {
      everywhere: { "incremental delivery": "it has that of its Apollo Server: see there" }
    }
  },
  {
    name: "mercurius",
    package: "mercurius",
    module: "mercurius",
    isQuick: false,
    lacks: { ...noStreams, multipart: noMultipart },
    without: whole
  },
  {
    name: "hive-gateway",
    package: "@graphql-hive/gateway-runtime",
    module: "hiveGateway",
    isQuick: false,
    lacks: {
      ...noLegacy,
      "sse-single": distinctOnly,
      multipart: "it answers a subscription with 406 unless event streams are accepted"
    }
  },
  {
    name: "absinthe",
    package: "@absinthe/socket",
    module: "phoenix",
    isQuick: true,
    only: ["phoenix", "phoenix-v1"],
    lacks: {},
    without: whole
  },
  {
    name: "graphql-ruby",
    package: "ruby-graphql",
    module: "rails",
    isQuick: false,
    needs: "Rails",
    only: ["actioncable"],
    lacks: {},
    without: whole
  },
  {
    name: "actioncable",
    package: "@rails/actioncable",
    module: "actionCable",
    isQuick: true,
    only: ["actioncable"],
    lacks: {},
    without: whole
  },
  {
    name: "appsync",
    package: "@aws-amplify/api-graphql",
    module: "appSync",
    isQuick: true,
    only: ["appsync", "appsync-token", "appsync-iam"],
    lacks: {},
    without: whole
  },
  {
    name: "postgraphile",
    package: "postgraphile",
    module: "postgraphile",
    isQuick: false,
    needs: "PostgreSQL",
    lacks: { ...legacyElsewhere, ...noStreams, multipart: noMultipart },
    without: {
      everywhere: { "incremental delivery": "it has no @defer" },
      http: {
        "GET query": "it takes a POST alone",
        "persisted query": "it has no such thing: its plugin knows documents that it was given",
        upload: "it has no such thing"
      },
      websocket: {
        unauthorized: "it lets every connection in, and has the database refuse single operations"
      }
    }
  }
]

/** The ways to a server that are tried, or whose lack is told. */
export const waysTo = ({ only }: Subject): ReadonlyArray<Transport> => only ?? transports

/** Why there is nothing to try over a transport that it offers, if there is not. */
export const whyNot = (
  { without }: Subject,
  transport: Transport,
  feature: Feature
): string | undefined =>
  whyNotOver(transport, feature) ??
  without?.everywhere?.[feature] ??
  without?.[transport]?.[feature]
