/** What is measured, of whom, and which figures come of it. */
import { type ClientName, queryingNames, subscribingNames } from "./clients.js"
import type { MeasurementName } from "./measurements/index.js"
import type { Parameters } from "./measurement.js"

export interface Figure {
  readonly key: string
  readonly label: string
  readonly digits: number
  /** Whether what is compared is its ratio to the limit, of the same round. */
  readonly isRatio?: boolean
  /** What stands where nothing happened within the bound. */
  readonly otherwise?: string
}

export interface Variant {
  readonly name: string
  readonly parameters: Parameters
}

export interface Measure {
  readonly id: string
  readonly title: string
  /** What a reader has to know to read the table. */
  readonly about: string
  readonly measurement: MeasurementName
  readonly variants: ReadonlyArray<Variant>
  readonly clients: ReadonlyArray<ClientName>
  readonly figures: ReadonlyArray<Figure>
  /** Part of a run that names no measures. */
  readonly isDefault?: false
}

const everyone: ReadonlyArray<ClientName> = subscribingNames.filter(
  (name) => name !== "schema" && name !== "sliding"
)

/** One of each connection's clients: how its messages are consumed makes no difference. */
const onePerLibrary = everyone.filter(
  (name) => !["chunks", "take", "stream", "many", "graphqlWsIterate"].includes(name)
)

const perMessage: ReadonlyArray<Figure> = [
  { key: "cpu", label: "CPU, µs per message", digits: 2, isRatio: true },
  { key: "wall", label: "wall, µs per message", digits: 2 }
]

const sizes = (messages: number, ...all: ReadonlyArray<number>): ReadonlyArray<Variant> =>
  all.map((bytes) => ({
    name: bytes < 1024 ? `${bytes} B` : `${bytes / 1024} KiB`,
    parameters: { messages, bytes }
  }))

const manyFigures: ReadonlyArray<Figure> = [
  { key: "establishCpu", label: "establish, µs CPU each", digits: 0, isRatio: true },
  { key: "establishWall", label: "wall, µs each", digits: 0 },
  { key: "heap", label: "heap, B each", digits: 0 },
  { key: "cpu", label: "CPU, µs per message", digits: 2, isRatio: true },
  { key: "told", label: "told of a loss, ms", digits: 0, otherwise: "not in 10 s" }
]

const some: ReadonlyArray<ClientName> = ["limit", "forEach", "many", "graphqlWs", "effect4"]

export const plan: ReadonlyArray<Measure> = [
  {
    id: "P1",
    title: "One subscription",
    about:
      "200,000 messages of one subscription, as fast as they come, with payloads of two sizes.",
    measurement: "flood",
    variants: sizes(200_000, 100, 2048),
    clients: everyone,
    figures: perMessage
  },
  {
    id: "P2",
    title: "Ten thousand subscriptions on one connection",
    about:
      "Each is begun at once, then each gets ten messages of 100 B, one in turn; then the server's process is killed. urql is left out: it hands every result past every subscription, and did not finish within two minutes.",
    measurement: "many",
    variants: [{ name: "10,000", parameters: { subscriptions: 10_000, each: 10 } }],
    clients: everyone.filter((name) => name !== "urql"),
    figures: manyFigures
  },
  {
    id: "P3",
    title: "Five hundred connections",
    about: "Each with a quiet subscription, one opened after the other.",
    measurement: "connections",
    variants: [{ name: "500", parameters: { count: 500 } }],
    clients: [...onePerLibrary, "stream"],
    figures: [
      { key: "heap", label: "heap, B each", digits: 0 },
      { key: "cpu", label: "CPU, µs each", digits: 0, isRatio: true }
    ]
  },
  {
    id: "P4",
    title: "Subscriptions that come and go",
    about: "Each gets one message and is completed by the server.",
    measurement: "churn",
    variants: [
      { name: "one after the other", parameters: { operations: 5_000, atOnce: 1 } },
      { name: "100 at once", parameters: { operations: 20_000, atOnce: 100 } }
    ],
    clients: everyone,
    figures: [
      { key: "cpu", label: "CPU, µs per operation", digits: 0, isRatio: true },
      { key: "wall", label: "wall, µs per operation", digits: 0 }
    ]
  },
  {
    id: "P5",
    title: "Loading",
    about: "Importing the client and what it needs (`ws` for all), in a process of its own.",
    measurement: "load",
    variants: [{ name: "cold import", parameters: {} }],
    clients: onePerLibrary,
    figures: [
      { key: "cpu", label: "CPU, ms", digits: 0, isRatio: true },
      { key: "wall", label: "wall, ms", digits: 0 }
    ]
  },
  {
    id: "P6",
    title: "A slow consumer",
    about:
      "The server has 200,000 messages of 1 KiB to send; the consumer takes one, then a pause of 1 ms. It is watched for six seconds and one more, with a keepalive of 1 s + 1 s and a sibling that is sent ten messages a second.",
    measurement: "slow",
    variants: [{ name: "200 MB", parameters: { messages: 200_000, bytes: 1024 } }],
    clients: [...onePerLibrary, "graphqlWsIterate", "sliding"],
    figures: [
      { key: "peak", label: "peak memory, MiB", digits: 0 },
      { key: "sent", label: "% taken off the server", digits: 0 },
      { key: "stall", label: "longest the server was held back, ms", digits: 0 },
      { key: "taken", label: "messages consumed per s", digits: 0 },
      { key: "siblings", label: "sibling's messages per s", digits: 1 },
      { key: "alive", label: "still connected (1 = yes)", digits: 0 }
    ]
  },
  {
    id: "P7",
    title: "A server that stands still",
    about:
      "Its process is stopped in the middle of a stream (the kernel still acknowledges), with a keepalive of 1 s + 1 s where the client has one: from the last message to the error; then from the call that closes to its end, and until the socket is gone.",
    measurement: "death",
    variants: [{ name: "1 s + 1 s", parameters: { interval: 1000, timeout: 1000 } }],
    clients: onePerLibrary.filter((name) => name !== "limit"),
    figures: [
      { key: "noticed", label: "error after, ms", digits: 0, otherwise: "not in 5 s" },
      { key: "closed", label: "closing took, ms", digits: 0, otherwise: "more than 5 s" },
      { key: "gone", label: "socket gone after, ms", digits: 0, otherwise: "not in 5 s" }
    ]
  },
  {
    id: "P8",
    title: "Decoding by a Schema",
    about: "The messages of P1, decoded and not. Effect 4.1 cannot do without.",
    measurement: "flood",
    variants: sizes(200_000, 100, 2048),
    clients: ["limit", "forEach", "schema", "effect4"],
    figures: perMessage
  },
  {
    id: "P9",
    title: "Queries over HTTP",
    about:
      "Each is a POST to a `node:http` server that keeps its connections, whose answer is 100 B of JSON; the limit is `fetch`, `JSON.stringify` and `response.json()`. Everybody here goes through Node's `fetch`.",
    measurement: "queries",
    variants: [
      { name: "one after the other", parameters: { queries: 5_000, atOnce: 1, bytes: 100 } },
      { name: "50 at once", parameters: { queries: 10_000, atOnce: 50, bytes: 100 } }
    ],
    clients: queryingNames,
    figures: [
      { key: "cpu", label: "CPU, µs per query", digits: 0, isRatio: true },
      { key: "wall", label: "wall, µs per query", digits: 0, isRatio: true },
      { key: "rate", label: "queries per s", digits: 0 }
    ]
  },
  {
    id: "growth-subscriptions",
    title: "More and more subscriptions",
    about: "P2 with other numbers of subscriptions.",
    measurement: "many",
    variants: [
      { name: "100", parameters: { subscriptions: 100, each: 1000 } },
      { name: "1,000", parameters: { subscriptions: 1_000, each: 100 } },
      { name: "10,000", parameters: { subscriptions: 10_000, each: 10 } },
      { name: "50,000", parameters: { subscriptions: 50_000, each: 2 } }
    ],
    clients: some,
    figures: manyFigures.filter(({ key }) => key !== "told"),
    isDefault: false
  },
  {
    id: "growth-size",
    title: "Larger and larger messages",
    about: "P1 with other sizes.",
    measurement: "flood",
    variants: sizes(50_000, 100, 512, 2048, 8192, 32768),
    clients: some.filter((name) => name !== "many"),
    figures: perMessage,
    isDefault: false
  }
]
