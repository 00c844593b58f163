/** What Fiberline has to reach, and whether it does. */
import type { ClientName } from "./clients.js"
import type { Results } from "./results.js"
import { ownCode } from "./size.js"
import { ratios, spreadOf } from "./statistics.js"
import { grouped, table } from "./table.js"

interface Target {
  readonly what: string
  readonly most: number
  readonly unit: string
  readonly digits: number
  /** What was measured; `undefined` if it was not. */
  readonly measured: (results: Results) => number | undefined
}

type Where = readonly [measure: string, variant: string, client: ClientName, figure: string]

const seriesOf = (results: Results, [measure, variant, client, figure]: Where) =>
  results.measures.find(({ id }) => id === measure)?.variants.find(({ name }) => name === variant)
    ?.clients[client]?.[figure] ?? []

const median =
  (...where: Where): Target["measured"] =>
  (results) =>
    spreadOf(seriesOf(results, where))?.median

/** Round by round, to another client: to the limit, if none is named. */
const ratio =
  (where: Where, to: ClientName = "limit"): Target["measured"] =>
  (results) => {
    const [measure, variant, , figure] = where
    const base = seriesOf(results, [measure, variant, to, figure])
    return spreadOf(ratios(seriesOf(results, where), base))?.median
  }

const quotient =
  (a: Target["measured"], b: Target["measured"]): Target["measured"] =>
  (results) => {
    const [above, below] = [a(results), b(results)]
    return above === undefined || below === undefined ? undefined : above / below
  }

const times = { unit: "× limit", digits: 2 }
const bytes = { unit: "B", digits: 0 }
const micros = { unit: "µs", digits: 0 }
const millis = { unit: "ms", digits: 0 }

const sizes = ["100 B", "2 KiB"] as const
const many = "10,000"

const tenThousand = (
  how: string,
  client: ClientName,
  most: { readonly heap: number; readonly establish: number; readonly message: number }
): ReadonlyArray<Target> => [
  {
    what: `P2: ${how}, heap`,
    most: most.heap,
    ...bytes,
    measured: median("P2", many, client, "heap")
  },
  {
    what: `P2: ${how}, CPU to establish`,
    most: most.establish,
    ...micros,
    measured: median("P2", many, client, "establishCpu")
  },
  {
    what: `P2: ${how}, CPU per message`,
    most: most.message,
    ...times,
    measured: ratio(["P2", many, client, "cpu"])
  },
  {
    what: `P2: ${how}, told of a loss`,
    most: 150,
    ...millis,
    measured: median("P2", many, client, "told")
  }
]

export const targets: ReadonlyArray<Target> = [
  ...sizes.flatMap((size): ReadonlyArray<Target> => [
    {
      what: `P1 ${size}: \`runForEach\`, CPU per message`,
      most: 1.15,
      ...times,
      measured: ratio(["P1", size, "forEach", "cpu"])
    },
    {
      what: `P1 ${size}: \`runForEachChunk\`, CPU per message`,
      most: 1.05,
      ...times,
      measured: ratio(["P1", size, "chunks", "cpu"])
    },
    {
      what: `P1 ${size}: \`runForEach\`, to graphql-ws's sink`,
      most: 1,
      unit: "×",
      digits: 2,
      measured: ratio(["P1", size, "forEach", "cpu"], "graphqlWs")
    }
  ]),
  ...tenThousand("a fiber each", "chunks", { heap: 4000, establish: 80, message: 3 }),
  ...tenThousand("`subscribeMany`", "many", { heap: 1500, establish: 60, message: 1.15 }),
  ...(["forEach", "many"] as const).map((client): Target => ({
    what: `P2: establishing 50,000 with \`${client === "many" ? "subscribeMany" : "runForEach"}\`, each to each of 10,000`,
    most: 1.2,
    unit: "×",
    digits: 2,
    measured: quotient(
      median("growth-subscriptions", "50,000", client, "establishCpu"),
      median("growth-subscriptions", many, client, "establishCpu")
    )
  })),
  {
    what: "P3: a connection with a subscription, heap",
    most: 15_000,
    ...bytes,
    measured: median("P3", "500", "forEach", "heap")
  },
  {
    what: "P4: `runForEach`, 100 at once, CPU per operation",
    most: 1.6,
    ...times,
    measured: ratio(["P4", "100 at once", "forEach", "cpu"])
  },
  {
    what: "P4: `subscribeMany`, 100 at once, CPU per operation",
    most: 1.6,
    ...times,
    measured: ratio(["P4", "100 at once", "many", "cpu"])
  },
  {
    what: "P5: our own code, minified and gzipped",
    most: 10,
    unit: "KiB",
    digits: 1,
    measured: ({ sizes }) => {
      const own = sizes?.[ownCode]
      return own === undefined ? undefined : own / 1024
    }
  },
  {
    what: "P6: peak memory with a slow consumer",
    most: 32,
    unit: "MiB",
    digits: 0,
    measured: median("P6", "200 MB", "forEach", "peak")
  },
  {
    what: "P7: silence of 1 s + 1 s noticed after",
    most: 2050,
    ...millis,
    measured: median("P7", "1 s + 1 s", "forEach", "noticed")
  },
  {
    what: "P7: socket gone after, with a `closeTimeout` of 1 s",
    most: 1050,
    ...millis,
    measured: median("P7", "1 s + 1 s", "forEach", "gone")
  },
  ...(["one after the other", "50 at once"] as const).map((how): Target => ({
    what: `P9: \`query\`, ${how}, CPU to graphql-request's`,
    most: 1,
    unit: "×",
    digits: 2,
    measured: ratio(["P9", how, "query", "cpu"], "graphqlRequest")
  }))
]

/** Medians beside what they have to be. */
export const targetTable = (results: Results): string =>
  table(
    ["what", "at most", "measured", ""],
    targets.flatMap(({ digits, measured, most, unit, what }) => {
      const value = measured(results)
      if (value === undefined) return []
      const [is, limit] = [value, most].map((number) => `${grouped(number, digits)} ${unit}`)
      return [[what, limit ?? "", is ?? "", value <= most ? "reached" : "short"]]
    })
  )
