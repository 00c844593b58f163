import { assert, describe, it } from "@effect/vitest"
import { insert } from "../src/document.js"
import { features } from "../src/features.js"
import { type Check, isClean, json, markdown, progress, type Row, text } from "../src/report.js"

const row = (transport: Row["transport"], checks: Partial<Check> = {}): Row => ({
  name: "example",
  version: "1.2.3",
  transport,
  checks: features.map((feature) => ({ feature, ok: true, why: "it came", ...checks }))
})

const withQuery = (query: Partial<Check>): Row => {
  const [first, ...others] = row("http").checks
  return { ...row("http"), checks: [{ ...first!, ...query }, ...others] }
}

/** So many cells that say it, at the end of a line. */
const all = (count: number) => `( +✓){${count}}$`

const failed = withQuery({ ok: false, why: "expected a fish, but there came a boot" })
const known = withQuery({ ok: false, why: "a boot", known: "lib/fishing.js, line 7" })
const notApplicable = withQuery({ ok: null, why: "it has no such thing" })
const absent = row("sse", { ok: null, why: "it has no event streams" })

describe("what a run came to", () => {
  it("is clean where nothing fails but what is known to", () => {
    assert.isTrue(isClean({ servers: [row("http"), notApplicable, known, absent] }))
    assert.isFalse(isClean({ servers: [row("http"), failed] }))
  })

  it("is a table, with what is to be said about each failure below it", () => {
    const table = text({ servers: [row("websocket"), failed, known, notApplicable, absent] })
    const lines = table.split("\n")
    assert.match(lines[0]!, /^server +version +transport +query +mutation .*black hole /)
    assert.match(lines[1]!, new RegExp(`^example +1\\.2\\.3 +websocket${all(features.length)}`))
    assert.match(lines[2]!, new RegExp(`^example +1\\.2\\.3 +http +✗${all(features.length - 1)}`))
    assert.match(
      lines[3]!,
      new RegExp(`^example +1\\.2\\.3 +http +✗ known${all(features.length - 1)}`)
    )
    assert.match(lines[4]!, new RegExp(`^example +1\\.2\\.3 +http +–${all(features.length - 1)}`))
    assert.include(lines, "– example, sse: it has no event streams")
    assert.include(lines, "✗ example, http, query: expected a fish, but there came a boot")
    assert.include(lines, "  known: lib/fishing.js, line 7")
  })

  it("says which of the known failures has gone", () => {
    const mended = withQuery({ known: "lib/fishing.js, line 7" })
    assert.isTrue(isClean({ servers: [mended] }))
    assert.match(text({ servers: [mended] }), /^✓ example, http, query: .* not any more$/m)
    assert.strictEqual(markdown({ servers: [mended] }), markdown({ servers: [row("http")] }))
  })

  it("puts the columns below each other", () => {
    const [first, second] = text({ servers: [row("websocket"), known] }).split("\n")
    assert.strictEqual(first!.indexOf("query"), second!.indexOf("✓"))
  })

  it("is one line of JSON, as promised", () => {
    const line = json({ servers: [failed] })
    assert.notInclude(line, "\n")
    assert.deepStrictEqual(JSON.parse(line), { servers: [failed] })
  })

  it("is told as it comes, in a line for each server and transport", () => {
    assert.match(progress(failed), /^example 1\.2\.3 http: query ✗, mutation ✓, /)
    assert.strictEqual(progress(absent), "example 1.2.3 sse: – it has no event streams")
  })
})

describe("the documentation's table", () => {
  const report = { servers: [row("websocket"), known, absent] }

  it("has a row for what was tried, and a sentence for what is not there", () => {
    const lines = markdown(report).split("\n")
    const green = features.map(() => "✓")
    assert.include(lines, `| example | 1.2.3 | websocket | ${green.join(" | ")} |`)
    assert.include(
      lines,
      `| example | 1.2.3 | http | ${["✗ known", ...green.slice(1)].join(" | ")} |`
    )
    assert.include(lines, "- example, sse: it has no event streams")
  })

  it("does not say what a run happened to measure", () => {
    assert.notInclude(markdown(report), "it came")
  })

  it("takes the place of the one before, and of nothing else", () => {
    const document =
      "# Head\n<!-- interop: written by `pnpm interop --write` -->\nold\n<!-- /interop -->\ntail"
    const once = insert(document, "new")
    assert.match(once, /^# Head\n[^]*\nnew\n[^]*\ntail$/)
    assert.notInclude(once, "old")
    assert.strictEqual(insert(once, "new"), once)
    assert.throws(() => insert("# Head", "new"), /no place/)
  })
})
