import { assert, describe, it } from "@effect/vitest"
import { clock, ticksOf } from "../../src/soak/axis.js"
import { plot, type Plotted } from "../../src/soak/plot.js"

const nothing: Plotted = {
  title: "a run",
  subtitle: "seed 1",
  samples: { heap: [], resident: [], descriptors: [], events: [] },
  endpoints: 1,
  faults: [],
  violations: []
}

const points = Array.from({ length: 100 }, (_, at) => ({ at, value: 5e7 + at }))

const full: Plotted = {
  ...nothing,
  endpoints: 3,
  samples: { heap: points, resident: points, descriptors: points, events: points },
  faults: [
    { fault: "reset", endpoints: [0], from: 3, to: 3 },
    { fault: "killed", endpoints: [0, 2], from: 10, to: 12.5 },
    { fault: "slow", endpoints: [1], from: 20, to: 31 }
  ],
  violations: [50]
}

/** Every element is closed in its turn, and every number is one. */
const assertIsSvg = (svg: string): void => {
  assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 [\d.]+ [\d.]+"/)
  assert.notMatch(svg, /NaN|Infinity|undefined/)
  const open: Array<string> = []
  for (const [, closing, name, attributes = "", alone] of svg.matchAll(
    /<(\/?)(\w+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g
  )) {
    if (closing) assert.strictEqual(open.pop(), name, attributes)
    else if (!alone) open.push(name!)
  }
  assert.deepStrictEqual(open, [])
  // What is left without its elements is text.
  assert.notMatch(svg.replaceAll(/<[^<>]*>/g, ""), /[<>]|&(?!amp;|lt;|gt;|quot;)/)
}

describe("the plot", () => {
  const cases: ReadonlyArray<readonly [string, Plotted]> = [
    ["of nothing", nothing],
    ["of a whole run", full],
    ["of one sample", { ...full, samples: { ...full.samples, heap: [{ at: 0, value: 0 }] } }],
    ["of zeros", { ...nothing, samples: { ...nothing.samples, events: [{ at: 1, value: 0 }] } }],
    ["of a hundred endpoints", { ...full, endpoints: 100 }],
    ["of ten hours", { ...full, faults: [{ ...full.faults[0]!, to: 36_000 }] }],
    ["with a title that has to be escaped", { ...full, title: `<"&>`, subtitle: "a < b" }]
  ]
  for (const [name, plotted] of cases) it(`${name} is SVG`, () => assertIsSvg(plot(plotted)))

  it("has a line for each series, a bar for each endpoint of each fault, and the violations", () => {
    const svg = plot(full)
    assert.lengthOf(svg.match(/<path class="line/g)!, 4)
    assert.lengthOf(svg.match(/<title>killed<\/title>/g)!, 2)
    assert.lengthOf(svg.match(/<title>/g)!, 4)
    assert.include(svg, `class="violation"`)
    assert.include(svg, "prefers-color-scheme:dark")
  })
})

describe("an axis", () => {
  it("names round values that cover what it shows", () => {
    assert.deepStrictEqual(ticksOf(0, 78, 4), [0, 20, 40, 60, 80])
    assert.deepStrictEqual(ticksOf(0, 1, 4), [0, 0.25, 0.5, 0.75, 1])
  })

  it("names round times", () => {
    assert.deepStrictEqual(ticksOf(0, 960, 8, 60), [0, 120, 240, 360, 480, 600, 720, 840, 960])
    assert.strictEqual(clock(75), "1:15")
    assert.strictEqual(clock(600.4), "10:00")
  })
})
