/** relay-runtime, whose network is graphql-ws, as its documentation has it. */
import {
  type ConcreteRequest,
  Environment,
  type GraphQLResponse,
  Network,
  Observable,
  RecordSource,
  requestSubscription,
  Store
} from "relay-runtime"
import { type Adapter, type Client, slowly } from "../adapter.js"
import { type Data, document, type Variables } from "../ticks.js"
import { connect } from "./graphqlWs.js"

const names = ["messages", "bytes", "key", "every"] as const

const field = (name: string) =>
  ({ alias: null, args: null, kind: "ScalarField", name, storageKey: null }) as const

const argumentDefinitions = names.map(
  (name) => ({ defaultValue: null, kind: "LocalArgument", name }) as const
)

const selections = [
  {
    alias: null,
    args: names.map((name) => ({ kind: "Variable", name, variableName: name }) as const),
    concreteType: "Tick",
    kind: "LinkedField",
    name: "tick",
    plural: false,
    selections: [field("n"), field("pad")],
    storageKey: null
  } as const
]

/** What Relay's compiler makes of the document. */
const subscription: ConcreteRequest = {
  fragment: {
    argumentDefinitions,
    kind: "Fragment",
    metadata: null,
    name: "Ticks",
    selections,
    type: "Subscription",
    abstractKey: null
  },
  kind: "Request",
  operation: { argumentDefinitions, kind: "Operation", name: "Ticks", selections },
  params: {
    cacheID: "ticks",
    id: null,
    metadata: {},
    name: "Ticks",
    operationKind: "subscription",
    text: document
  }
}

export const relay: Adapter = {
  open: async (url, settings) => {
    const connection = connect(url, settings)
    const environment = new Environment({
      network: Network.create(
        () => Promise.reject(new Error("there are only subscriptions")),
        ({ text }, variables) =>
          Observable.create((sink) =>
            connection.subscribe(
              { query: text ?? "", variables },
              {
                // Type boundary: both libraries mean the same result, each with types of its own.
                next: (result) => sink.next(result as GraphQLResponse),
                error: (error) => sink.error(error as Error),
                complete: () => sink.complete()
              }
            )
          )
      ),
      store: new Store(new RecordSource())
    })
    const subscribe: Client["subscribe"] = (variables, onTick, onEnd) => {
      const running = requestSubscription<{ variables: Variables; response: Data }>(environment, {
        subscription,
        variables,
        onNext: (data) => data && onTick(data.tick),
        onError: onEnd,
        onCompleted: () => onEnd()
      })
      return () => running.dispose()
    }
    return {
      subscribe,
      subscribeSlowly: slowly(subscribe),
      close: async () => {
        await connection.dispose()
      }
    }
  }
}
