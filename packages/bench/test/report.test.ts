/** From rounds to tables, drawings and what moved, with made-up measurements. */
import { assert, describe, it } from "@effect/vitest"
import { moved } from "../src/check.js"
import type { Sample } from "../src/measurement.js"
import { type Measure, plan } from "../src/plan.js"
import { plot } from "../src/plot.js"
import { merge, type MeasureResult, type Results } from "../src/results.js"
import { runMeasure } from "../src/rounds.js"
import { ownCode } from "../src/size.js"
import { section } from "../src/table.js"
import { targets, targetTable } from "../src/targets.js"
import type { Task } from "../src/task.js"

const measure: Measure = {
  id: "P0",
  title: "Nothing",
  about: "Nothing is done.",
  measurement: "flood",
  variants: [{ name: "at once", parameters: { messages: 1, bytes: 2 } }],
  clients: ["limit", "forEach", "graphqlWs"],
  figures: [
    { key: "cpu", label: "CPU", digits: 1, isRatio: true },
    { key: "told", label: "told", digits: 0, otherwise: "never" }
  ]
}

const rounds = (run: (task: Task, round: number) => Promise<Sample>, count = 3) => {
  const begun: Array<string> = []
  const result = runMeasure(measure, {
    rounds: count,
    run: (task) => run(task, Math.floor((begun.push(task.client) - 1) / 3)),
    tell: () => {}
  })
  return result.then((result) => ({ begun, result }))
}

const results = (...measures: ReadonlyArray<MeasureResult>): Results => ({
  machine: { processor: "", processors: 1, memory: 1, system: "", node: "" },
  versions: {},
  measures
})

const costs: { readonly [client: string]: number } = { limit: 2, forEach: 3, graphqlWs: 5 }

const measured = async (factor = 1) =>
  (
    await rounds(async ({ client }, round) => ({
      cpu: (costs[client] ?? 0) * (round + 1) * (client === "limit" ? 1 : factor),
      told: client === "limit" ? 1 : null
    }))
  ).result

describe("rounds", () => {
  it("run every client once, each time another one first", async () => {
    const { begun } = await rounds(async () => ({}))
    assert.strictEqual(
      begun.join(" "),
      "limit forEach graphqlWs forEach graphqlWs limit graphqlWs limit forEach"
    )
  })

  it("go on without a client that failed", async () => {
    const { result } = await rounds(async ({ client }, round) => {
      if (client === "forEach" && round === 1) throw new Error("it failed")
      return { cpu: 1 }
    })
    assert.deepStrictEqual(result.variants[0]?.clients.forEach?.cpu, [1, null, 1])
  })
})

describe("a table", () => {
  it("has medians, the least and the most, and ratios of the same round", async () => {
    const [, , , ...lines] = section(measure, await measured()).split("\n")
    const rows = lines.map((line) => line.split("|").map((cell) => cell.trim()))
    assert.deepStrictEqual(
      rows.filter(([, name]) => name === "the limit" || name === "graphql-ws sink"),
      [
        ["", "the limit", "4.0 (2.0–6.0)", "1.00", "1", ""],
        ["", "graphql-ws sink", "10.0 (5.0–15.0)", "2.50", "never", ""]
      ]
    )
  })
})

describe("a target", () => {
  const made = (forEach: number): Results => ({
    ...results(),
    measures: [
      {
        id: "P1",
        date: "",
        rounds: 2,
        variants: [
          {
            name: "100 B",
            clients: { limit: { cpu: [2, 4] }, forEach: { cpu: [forEach, forEach * 2] } }
          }
        ]
      }
    ],
    sizes: { [ownCode]: 9 * 1024 }
  })

  const statusOf = (results: Results) =>
    targetTable(results)
      .split("\n")
      .slice(2)
      .map((line) => line.split("|").map((cell) => cell.trim()))
      .map(([, what, most, measured, status]) => [what?.split(":")[0], most, measured, status])

  it("is reached or not, by the median of its rounds; what was not measured is left out", () => {
    const own = ["P5", "10.0 KiB", "9.0 KiB", "reached"]
    assert.deepStrictEqual(statusOf(made(2.2)), [
      ["P1 100 B", "1.15 × limit", "1.10 × limit", "reached"],
      own
    ])
    assert.deepStrictEqual(statusOf(made(2.4)), [
      ["P1 100 B", "1.15 × limit", "1.20 × limit", "short"],
      own
    ])
  })

  it("is about what the plan measures", () => {
    const complete: Results = {
      ...results(),
      measures: plan.map(({ clients, figures, id, variants }) => ({
        id,
        date: "",
        rounds: 1,
        variants: variants.map(({ name }) => ({
          name,
          clients: Object.fromEntries(
            clients.map((client) => [
              client,
              Object.fromEntries(figures.map(({ key }) => [key, [1]]))
            ])
          )
        }))
      })),
      sizes: { [ownCode]: 1 }
    }
    for (const { measured, what } of targets) assert.isDefined(measured(complete), what)
  })
})

describe("a check", () => {
  it("says which of our ratios moved, and by how much", async () => {
    assert.deepStrictEqual(moved(measure, await measured(), await measured(1.5)), [
      { where: "P0 at once, forEach: CPU", before: 1.5, after: 2.25 }
    ])
  })

  it("lets a machine have its noise", async () => {
    assert.deepStrictEqual(moved(measure, await measured(), await measured(1.09)), [])
  })
})

describe("results", () => {
  it("are kept until they are measured again", async () => {
    const [first, second] = [await measured(), await measured(2)]
    const other = { ...first, id: "P99" }
    assert.deepStrictEqual(merge(results(first, other), results(second)).measures, [other, second])
  })
})

describe("a plot", () => {
  it("has a line for each client, and nothing that cannot be drawn", () => {
    const points = [
      { x: 100, y: 3 },
      { x: 50_000, y: 700 }
    ]
    const drawn = plot({ title: "t", across: "x", up: "y", lines: [{ label: "a<b", points }] })
    assert.match(drawn, /<polyline points="70,\d+(\.\d)? 530,\d+(\.\d)?"/)
    assert.include(drawn, "a&lt;b")
    assert.notMatch(drawn, /NaN|Infinity|undefined/)
  })
})
