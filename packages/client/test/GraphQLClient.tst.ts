import type { ErrorMode, Service } from "@fiberline/client/GraphQLClient"
import type { NetworkError } from "@fiberline/client/NetworkError"
import type { Operation, Result } from "@fiberline/client/Operation"
import type {
  DecodeError,
  EncodeError,
  OperationError,
  OverflowError
} from "@fiberline/client/OperationError"
import type { ProtocolError } from "@fiberline/client/ProtocolError"
import type { Event, Subscription } from "@fiberline/client/Subscription"
import type * as Subscriptions from "@fiberline/client/Subscriptions"
import type { JsonObject } from "@fiberline/core/Message"
import type { Chunk } from "effect/Chunk"
import type { Effect } from "effect/Effect"
import type { Exit } from "effect/Exit"
import type { Option } from "effect/Option"
import type { Scope } from "effect/Scope"
import type { Stream } from "effect/Stream"
import { describe, expect, test } from "tstyche"
import {
  type ById,
  type Film,
  mutationOperation,
  node,
  queryOperation,
  subscriptionOperation,
  tadaNode,
  text,
  typedNode,
  typedString
} from "./support/documents.js"

declare const client: Service

/** What any operation can fail with, where errors are inline and nothing has a Schema. */
type Base = NetworkError | ProtocolError | EncodeError

const variables = { id: "1" }
declare const query: Operation<"query", ById, Film, "Ids" | "Titles">
declare const mutation: Operation<"mutation", ById, Film, "Ids">
declare const subscription: Operation<"subscription", {}, Film, "Titles">
declare const errors: ErrorMode

describe("an operation's document gives its success, errors and requirements", () => {
  test("a string", () => {
    expect(client.query(text)).type.toBe<Effect<unknown, Base | OperationError>>()
    expect(client.mutate(text)).type.toBe<Effect<unknown, Base | OperationError>>()
    expect(client.subscribe(text)).type.toBe<
      Stream<unknown, Base | OperationError | OverflowError>
    >()
    expect(client.subscription(text)).type.toBe<
      Effect<Subscription<unknown, Base | OperationError | OverflowError>, EncodeError, Scope>
    >()
    expect(client.query(text, { errors: "inline" })).type.toBe<Effect<Result<unknown>, Base>>()
    expect(client.mutate(text, { errors: "inline" })).type.toBe<Effect<Result<unknown>, Base>>()
    expect(client.subscribe(text, { errors: "inline" })).type.toBe<
      Stream<Result<unknown>, Base | OverflowError>
    >()
    expect(client.subscription(text, { errors: "inline" })).type.toBe<
      Effect<Subscription<Result<unknown>, Base | OverflowError>, EncodeError, Scope>
    >()
  })

  test("a string literal", () => {
    expect(client.query("{ film }")).type.toBe<Effect<unknown, Base | OperationError>>()
    expect(client.query("{ film }", { errors: "inline" })).type.toBe<
      Effect<Result<unknown>, Base>
    >()
  })

  test("a DocumentNode", () => {
    expect(client.query(node)).type.toBe<Effect<unknown, Base | OperationError>>()
    expect(client.mutate(node)).type.toBe<Effect<unknown, Base | OperationError>>()
    expect(client.subscribe(node)).type.toBe<
      Stream<unknown, Base | OperationError | OverflowError>
    >()
    expect(client.subscription(node)).type.toBe<
      Effect<Subscription<unknown, Base | OperationError | OverflowError>, EncodeError, Scope>
    >()
    expect(client.query(node, { errors: "inline" })).type.toBe<Effect<Result<unknown>, Base>>()
    expect(client.mutate(node, { errors: "inline" })).type.toBe<Effect<Result<unknown>, Base>>()
    expect(client.subscribe(node, { errors: "inline" })).type.toBe<
      Stream<Result<unknown>, Base | OverflowError>
    >()
    expect(client.subscription(node, { errors: "inline" })).type.toBe<
      Effect<Subscription<Result<unknown>, Base | OverflowError>, EncodeError, Scope>
    >()
  })

  test("a TypedDocumentNode", () => {
    expect(client.query(typedNode, { variables })).type.toBe<Effect<Film, Base | OperationError>>()
    expect(client.mutate(typedNode, { variables })).type.toBe<Effect<Film, Base | OperationError>>()
    expect(client.subscribe(typedNode, { variables })).type.toBe<
      Stream<Film, Base | OperationError | OverflowError>
    >()
    expect(client.subscription(typedNode, { variables })).type.toBe<
      Effect<Subscription<Film, Base | OperationError | OverflowError>, EncodeError, Scope>
    >()
    expect(client.query(typedNode, { variables, errors: "inline" })).type.toBe<
      Effect<Result<Film>, Base>
    >()
    expect(client.mutate(typedNode, { variables, errors: "inline" })).type.toBe<
      Effect<Result<Film>, Base>
    >()
    expect(client.subscribe(typedNode, { variables, errors: "inline" })).type.toBe<
      Stream<Result<Film>, Base | OverflowError>
    >()
    expect(client.subscription(typedNode, { variables, errors: "inline" })).type.toBe<
      Effect<Subscription<Result<Film>, Base | OverflowError>, EncodeError, Scope>
    >()
  })

  test("a document of gql.tada", () => {
    expect(client.query(tadaNode, { variables })).type.toBe<Effect<Film, Base | OperationError>>()
    expect(client.mutate(tadaNode, { variables })).type.toBe<Effect<Film, Base | OperationError>>()
    expect(client.subscribe(tadaNode, { variables })).type.toBe<
      Stream<Film, Base | OperationError | OverflowError>
    >()
    expect(client.subscription(tadaNode, { variables })).type.toBe<
      Effect<Subscription<Film, Base | OperationError | OverflowError>, EncodeError, Scope>
    >()
    expect(client.query(tadaNode, { variables, errors: "inline" })).type.toBe<
      Effect<Result<Film>, Base>
    >()
    expect(client.mutate(tadaNode, { variables, errors: "inline" })).type.toBe<
      Effect<Result<Film>, Base>
    >()
    expect(client.subscribe(tadaNode, { variables, errors: "inline" })).type.toBe<
      Stream<Result<Film>, Base | OverflowError>
    >()
    expect(client.subscription(tadaNode, { variables, errors: "inline" })).type.toBe<
      Effect<Subscription<Result<Film>, Base | OverflowError>, EncodeError, Scope>
    >()
  })

  test("a TypedDocumentString", () => {
    expect(client.query(typedString, { variables })).type.toBe<
      Effect<Film, Base | OperationError>
    >()
    expect(client.mutate(typedString, { variables })).type.toBe<
      Effect<Film, Base | OperationError>
    >()
    expect(client.subscribe(typedString, { variables })).type.toBe<
      Stream<Film, Base | OperationError | OverflowError>
    >()
    expect(client.subscription(typedString, { variables })).type.toBe<
      Effect<Subscription<Film, Base | OperationError | OverflowError>, EncodeError, Scope>
    >()
    expect(client.query(typedString, { variables, errors: "inline" })).type.toBe<
      Effect<Result<Film>, Base>
    >()
    expect(client.mutate(typedString, { variables, errors: "inline" })).type.toBe<
      Effect<Result<Film>, Base>
    >()
    expect(client.subscribe(typedString, { variables, errors: "inline" })).type.toBe<
      Stream<Result<Film>, Base | OverflowError>
    >()
    expect(client.subscription(typedString, { variables, errors: "inline" })).type.toBe<
      Effect<Subscription<Result<Film>, Base | OverflowError>, EncodeError, Scope>
    >()
  })

  test("an Operation, which adds what decoding can fail with", () => {
    expect(client.query(queryOperation, { variables })).type.toBe<
      Effect<Film, Base | DecodeError | OperationError>
    >()
    expect(client.mutate(mutationOperation, { variables })).type.toBe<
      Effect<Film, Base | DecodeError | OperationError>
    >()
    expect(client.subscribe(subscriptionOperation, { variables })).type.toBe<
      Stream<Film, Base | DecodeError | OperationError | OverflowError>
    >()
    expect(client.subscription(subscriptionOperation, { variables })).type.toBe<
      Effect<
        Subscription<Film, Base | DecodeError | OperationError | OverflowError>,
        EncodeError,
        Scope
      >
    >()
    expect(client.query(queryOperation, { variables, errors: "inline" })).type.toBe<
      Effect<Result<Film>, Base | DecodeError>
    >()
    expect(client.mutate(mutationOperation, { variables, errors: "inline" })).type.toBe<
      Effect<Result<Film>, Base | DecodeError>
    >()
    expect(client.subscribe(subscriptionOperation, { variables, errors: "inline" })).type.toBe<
      Stream<Result<Film>, Base | DecodeError | OverflowError>
    >()
    expect(client.subscription(subscriptionOperation, { variables, errors: "inline" })).type.toBe<
      Effect<Subscription<Result<Film>, Base | DecodeError | OverflowError>, EncodeError, Scope>
    >()
  })
})

describe("what an Operation's Schemas need, whoever runs it needs", () => {
  test("a query or mutation", () => {
    expect(client.query(query, { variables })).type.toBe<
      Effect<Film, Base | DecodeError | OperationError, "Ids" | "Titles">
    >()
    expect(client.mutate(mutation, { variables, errors: "inline" })).type.toBe<
      Effect<Result<Film>, Base | DecodeError, "Ids">
    >()
  })

  test("a subscription, at once and with every take", () => {
    expect(client.subscribe(subscription)).type.toBe<
      Stream<Film, Base | DecodeError | OperationError | OverflowError, "Titles">
    >()
    expect(client.subscription(subscription, { errors: "inline" })).type.toBe<
      Effect<
        Subscription<Result<Film>, Base | DecodeError | OverflowError, "Titles">,
        EncodeError,
        "Titles" | Scope
      >
    >()
  })
})

describe("the mode of errors", () => {
  test("is throw by default, also where other options are given", () => {
    expect(client.query(typedNode, { variables, timeout: "1 second" })).type.toBe<
      Effect<Film, Base | OperationError>
    >()
    expect(client.subscribe(typedNode, { variables, buffer: { capacity: 1 } })).type.toBe<
      Stream<Film, Base | OperationError | OverflowError>
    >()
  })

  test("may be said explicitly, or left undefined", () => {
    expect(client.query(typedNode, { variables, errors: "throw" })).type.toBe<
      Effect<Film, Base | OperationError>
    >()
    expect(client.query).type.toBeCallableWith(typedNode, { variables, errors: undefined })
  })

  test("is inferred beside every other option", () => {
    expect(
      client.query(typedNode, {
        operationName: "Film",
        extensions: { trace: true },
        variables,
        timeout: "1 second",
        errors: "inline"
      })
    ).type.toBe<Effect<Result<Film>, Base>>()
  })

  test("is both where it is known only at run time", () => {
    expect(client.query(typedNode, { variables, errors })).type.toBe<
      Effect<Film | Result<Film>, Base | OperationError>
    >()
  })

  test("is nothing but throw or inline", () => {
    expect(client.query).type.toBeCallableWith(text, { errors: "inline" })
    expect(client.query).type.not.toBeCallableWith(text, { errors: "ignore" })
    expect(client.subscribe).type.not.toBeCallableWith(text, { errors: true })
  })
})

describe("a kind of operation", () => {
  test("runs only as what it is", () => {
    expect(client.query).type.toBeCallableWith(queryOperation, { variables })
    expect(client.query).type.not.toBeCallableWith(mutationOperation, { variables })
    expect(client.query).type.not.toBeCallableWith(subscriptionOperation, { variables })
    expect(client.mutate).type.toBeCallableWith(mutationOperation, { variables })
    expect(client.mutate).type.not.toBeCallableWith(queryOperation, { variables })
    expect(client.mutate).type.not.toBeCallableWith(subscriptionOperation, { variables })
    expect(client.subscribe).type.toBeCallableWith(subscriptionOperation, { variables })
    expect(client.subscribe).type.not.toBeCallableWith(queryOperation, { variables })
    expect(client.subscribe).type.not.toBeCallableWith(mutationOperation, { variables })
    expect(client.subscription).type.toBeCallableWith(subscriptionOperation, { variables })
    expect(client.subscription).type.not.toBeCallableWith(queryOperation, { variables })
    expect(client.subscription).type.not.toBeCallableWith(mutationOperation, { variables })
  })

  test("is not known of any other document", () => {
    expect(client.query).type.toBeCallableWith(text)
    expect(client.query).type.toBeCallableWith(typedNode, { variables })
    expect(client.query).type.toBeCallableWith(typedString, { variables })
    expect(client.mutate).type.toBeCallableWith(text)
    expect(client.mutate).type.toBeCallableWith(typedNode, { variables })
    expect(client.mutate).type.toBeCallableWith(typedString, { variables })
    expect(client.subscribe).type.toBeCallableWith(text)
    expect(client.subscribe).type.toBeCallableWith(typedNode, { variables })
    expect(client.subscribe).type.toBeCallableWith(typedString, { variables })
    expect(client.subscription).type.toBeCallableWith(text)
    expect(client.subscription).type.toBeCallableWith(typedNode, { variables })
    expect(client.subscription).type.toBeCallableWith(typedString, { variables })
  })

  test("is not to be had of what is no document", () => {
    expect(client.query).type.not.toBeCallableWith(1)
    expect(client.query).type.not.toBeCallableWith(null)
    expect(client.query).type.not.toBeCallableWith(undefined)
    expect(client.query).type.not.toBeCallableWith({ query: "{ film }" })
    expect(client.query).type.not.toBeCallableWith()
  })
})

describe("the options of a call", () => {
  test("are checked for typos", () => {
    expect(client.query).type.toBeCallableWith(text, { operationName: "Film" })
    expect(client.query).type.not.toBeCallableWith(text, { operationname: "Film" })
    expect(client.query).type.toBeCallableWith(typedNode, { variables, timeout: 1 })
    expect(client.query).type.not.toBeCallableWith(typedNode, { variables, timeuot: 1 })
    expect(client.subscribe).type.toBeCallableWith(text, { buffer: { strategy: "sliding" } })
    expect(client.subscribe).type.not.toBeCallableWith(text, { buffer: { strategy: "slide" } })
    expect(client.subscribe).type.not.toBeCallableWith(text, { buffer: { size: 1 } })
  })

  test("are a query's or a subscription's", () => {
    expect(client.query).type.not.toBeCallableWith(text, { buffer: { capacity: 1 } })
    expect(client.mutate).type.not.toBeCallableWith(text, { buffer: { capacity: 1 } })
    expect(client.subscribe).type.not.toBeCallableWith(text, { timeout: "1 second" })
    expect(client.subscription).type.not.toBeCallableWith(text, { timeout: "1 second" })
  })

  test("are one argument", () => {
    expect(client.query).type.not.toBeCallableWith(text, {}, {})
    expect(client.query).type.not.toBeCallableWith(typedNode, { variables }, {})
  })
})

describe("connecting", () => {
  test("gives the payload of the acknowledgement, or the connection's failure", () => {
    expect(client.connect).type.toBe<Effect<JsonObject, NetworkError | ProtocolError>>()
  })
})

describe("a subscription that is made again", () => {
  test("shows gaps beside its data, thrown or inline", () => {
    expect(client.subscribeEvents(typedNode, { variables })).type.toBe<
      Stream<Event<Film>, Base | OperationError | OverflowError>
    >()
    expect(client.subscribeEvents(typedNode, { variables, errors: "inline" })).type.toBe<
      Stream<Event<Result<Film>>, Base | OverflowError>
    >()
    expect(client.subscribeEvents(subscription)).type.toBe<
      Stream<Event<Film>, Base | OperationError | DecodeError | OverflowError, "Titles">
    >()
  })

  test("resumes with variables of its own, made of its last element", () => {
    client.subscribe(typedNode, {
      variables,
      resume: (last, before) => {
        expect(last).type.toBe<Film>()
        expect(before).type.toBe<ById>()
        return before
      }
    })
    client.subscribe(typedNode, {
      variables,
      errors: "inline",
      resume: (last, before) => {
        expect(last).type.toBe<Result<Film>>()
        return before
      }
    })
    expect(client.subscribe).type.not.toBeCallableWith(typedNode, {
      variables,
      resume: () => ({ id: 1 })
    })
  })
})

declare const own: Effect<number, "mine", "Log">
declare const subscriptionById: Operation<"subscription", ById, Film, "Ids">

describe("running an effect for each result", () => {
  test("gives it the data, one or a chunk, thrown or inline", () => {
    client.runForEach(text, (element) => {
      expect(element).type.toBe<unknown>()
      return own
    })
    client.runForEach(typedNode, (element) => (expect(element).type.toBe<Film>(), own), {
      variables
    })
    client.runForEach(typedNode, (element) => (expect(element).type.toBe<Result<Film>>(), own), {
      variables,
      errors: "inline"
    })
    client.runForEachChunk(typedNode, (all) => (expect(all).type.toBe<Chunk<Film>>(), own), {
      variables
    })
    client.runForEachChunk(
      typedNode,
      (all) => (expect(all).type.toBe<Chunk<Result<Film>>>(), own),
      { variables, errors: "inline" }
    )
  })

  test("fails with what the subscription or the effect fails with", () => {
    expect(client.runForEach(typedNode, () => own, { variables })).type.toBe<
      Effect<void, Base | OperationError | OverflowError | "mine", "Log">
    >()
    expect(client.runForEachChunk(typedNode, () => own, { variables })).type.toBe<
      Effect<void, Base | OperationError | OverflowError | "mine", "Log">
    >()
    expect(client.runForEach(typedNode, () => own, { variables, errors: "inline" })).type.toBe<
      Effect<void, Base | OverflowError | "mine", "Log">
    >()
    expect(client.runForEachChunk(typedNode, () => own, { variables, errors: "inline" })).type.toBe<
      Effect<void, Base | OverflowError | "mine", "Log">
    >()
  })

  test("needs what the Schemas and the effect need", () => {
    expect(client.runForEach(subscription, () => own)).type.toBe<
      Effect<void, Base | DecodeError | OperationError | OverflowError | "mine", "Titles" | "Log">
    >()
    expect(client.runForEachChunk(subscription, () => own, { errors: "inline" })).type.toBe<
      Effect<void, Base | DecodeError | OverflowError | "mine", "Titles" | "Log">
    >()
  })

  test("takes the variables and options of a subscription", () => {
    expect(client.runForEach).type.toBeCallableWith(text, () => own)
    expect(client.runForEach).type.toBeCallableWith(text, () => own, { variables: { any: 1 } })
    expect(client.runForEach).type.not.toBeCallableWith(typedNode, () => own)
    expect(client.runForEach).type.not.toBeCallableWith(typedNode, () => own, {
      variables: { id: 1 }
    })
    expect(client.runForEach).type.not.toBeCallableWith(text, () => own, { timeout: 1 })
    expect(client.runForEach).type.not.toBeCallableWith(queryOperation, () => own, { variables })
    expect(client.runForEach).type.not.toBeCallableWith(text, () => 1)
    expect(client.runForEachChunk).type.toBeCallableWith(text, () => own)
    expect(client.runForEachChunk).type.not.toBeCallableWith(typedNode, () => own)
    expect(client.runForEachChunk).type.not.toBeCallableWith(text, () => own, { timeout: 1 })
    expect(client.runForEachChunk).type.not.toBeCallableWith(mutationOperation, () => own, {
      variables
    })
  })

  test("resumes as a subscription does", () => {
    client.runForEach(typedNode, () => own, {
      variables,
      resume: (last, before) => {
        expect(last).type.toBe<Film>()
        expect(before).type.toBe<ById>()
        return before
      }
    })
  })
})

describe("many subscriptions", () => {
  test("have the keys and variables that they begin with", () => {
    expect(client.subscribeMany(typedNode, [[1, variables]])).type.toBe<
      Effect<
        Subscriptions.Subscriptions<number, ById, Film, Base | OperationError | OverflowError>,
        never,
        Scope
      >
    >()
    expect(client.subscribeMany(typedNode, new Map([["a", variables]]))).type.toBe<
      Effect<
        Subscriptions.Subscriptions<string, ById, Film, Base | OperationError | OverflowError>,
        never,
        Scope
      >
    >()
    expect(client.subscribeMany(typedNode, new Map<1 | 2, ById>())).type.toBe<
      Effect<
        Subscriptions.Subscriptions<1 | 2, ById, Film, Base | OperationError | OverflowError>,
        never,
        Scope
      >
    >()
    expect(client.subscribeMany).type.not.toBeCallableWith(typedNode, [[1, { id: 1 }]])
    expect(client.subscribeMany).type.not.toBeCallableWith(typedNode, [[1]])
    expect(client.subscribeMany).type.not.toBeCallableWith(typedNode)
  })

  test("take no variables but those of each key", () => {
    expect(client.subscribeMany).type.toBeCallableWith(text, [[1, {}]], {
      buffer: { capacity: 1 }
    })
    expect(client.subscribeMany).type.not.toBeCallableWith(text, [[1, {}]], { variables })
    expect(client.subscribeMany).type.not.toBeCallableWith(text, [[1, {}]], { timeout: 1 })
    expect(client.subscribeMany).type.not.toBeCallableWith(queryOperation, [[1, variables]])
  })

  test("need what their Schemas need, at once, with every key and with every take", () => {
    expect(
      client.subscribeMany(subscriptionById, [["a", variables]], { errors: "inline" })
    ).type.toBe<
      Effect<
        Subscriptions.Subscriptions<
          string,
          ById,
          Result<Film>,
          Base | DecodeError | OverflowError,
          "Ids"
        >,
        never,
        "Ids" | Scope
      >
    >()
  })

  test("resume each with its own variables", () => {
    client.subscribeMany(typedNode, [[1, variables]], {
      errors: "inline",
      resume: (last, before) => {
        expect(last).type.toBe<Result<Film>>()
        expect(before).type.toBe<ById>()
        return before
      }
    })
  })

  test("are added, removed and taken from by their keys", () => {
    type Many = Subscriptions.Subscriptions<number, ById, Film, "error", "Ids">
    type Event = Subscriptions.Event<number, Film, "error">
    expect<Many["add"]>().type.toBe<(key: number, variables: ById) => Effect<void, never, "Ids">>()
    expect<Many["remove"]>().type.toBe<(key: number) => Effect<void>>()
    expect<Many["keys"]>().type.toBe<Effect<ReadonlyArray<number>>>()
    expect<Many["take"]>().type.toBe<Effect<Chunk<Event>, Option<never>, "Ids">>()
    expect<Many["events"]>().type.toBe<Stream<Event, never, "Ids">>()
    expect<Extract<Event, { readonly _tag: "Data" }>["data"]>().type.toBe<Film>()
    expect<Extract<Event, { readonly _tag: "Ended" }>["exit"]>().type.toBe<Exit<void, "error">>()
  })
})
