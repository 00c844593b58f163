import { closeCodes, describe as meaningOf, ours, type Retry } from "@fiberline/core/CloseCode"
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"

const faults = ["client", "server", "network", "none"]
const retries = ["backoff", "refresh", "never"]

describe("the table of close codes", () => {
  it.each([...closeCodes])("has a complete row for %i", (code, row) => {
    assert.strictEqual(row.code, code)
    assert.match(row.name, /^[A-Z]/)
    assert.match(row.meaning, /^\S.*[^\s.]$/)
    assert.include(faults, row.fault)
    assert.include(retries, row.retry)
    assert.strictEqual(meaningOf(code), row)
  })

  it("holds only codes that WebSocket has room for, in ascending order", () => {
    const codes = [...closeCodes.keys()]
    for (const code of codes) {
      assert.isTrue((code >= 1000 && code <= 1015) || (code >= 3000 && code <= 4999), `${code}`)
    }
    assert.deepEqual(
      codes,
      [...codes].sort((a, b) => a - b)
    )
  })

  it("holds every code that the protocol defines", () => {
    assert.includeMembers([...closeCodes.keys()], [1000, 4400, 4401, 4403, 4406, 4408, 4409, 4429])
  })

  // What a wrong class costs: `never` for a passing trouble is an outage, `backoff` for a lasting one
  // a server under siege.
  const classes: { readonly [Class in Retry]: ReadonlyArray<number> } = {
    backoff: [1000, 1001, 1005, 1006, 1011, 1012, 1013, 1014, 4408, 4499, 4500, 4504],
    refresh: [1008, 3000, 3003, 4401, 4403],
    never: [1002, 1003, 1007, 1009, 1010, 1015, 4004, 4005, 4400, 4406, 4409, 4429]
  }

  it.each(Object.entries(classes))("answers with %s where that is what helps", (retry, codes) => {
    for (const code of codes) assert.strictEqual(meaningOf(code).retry, retry, `${code}`)
  })

  it("has no row whose class is not decided here", () => {
    assert.sameMembers([...closeCodes.keys()], Object.values(classes).flat())
  })

  it("never stops for a fault that is the network's and passes", () => {
    for (const [code, row] of closeCodes) {
      // A certificate does not mend itself.
      if (row.fault === "network" && code !== 1015)
        assert.strictEqual(row.retry, "backoff", `${code}`)
    }
  })
})

describe("a code without a row", () => {
  const described = (code: number) => {
    const row = meaningOf(code)
    assert.deepEqual(row.code, code)
    assert.isNotEmpty(row.name)
    assert.isNotEmpty(row.meaning)
    assert.include(faults, row.fault)
    assert.include(retries, row.retry)
    return row
  }

  it("is described all the same, whatever number it is", () => {
    for (let code = 0; code <= 5000; code++) described(code)
  })

  it.each([-1, -0, 0.5, 1000.5, 65_535, 65_536, 2 ** 53, NaN, Infinity, -Infinity])(
    "is described all the same, even %d",
    (code) => {
      assert.strictEqual(described(code).name, "Reserved Code")
    }
  )

  it("is described all the same, be it any number at all", () => {
    fc.assert(fc.property(fc.double(), (code) => void described(code)))
  })

  it.each([
    [0, "Reserved Code"],
    [999, "Reserved Code"],
    [1004, "Reserved Code"],
    [1016, "Reserved Code"],
    [2999, "Reserved Code"],
    [3001, "Registered Code"],
    [3999, "Registered Code"],
    [4000, "Application Code"],
    [4001, "Application Code"],
    [4999, "Application Code"],
    [5000, "Reserved Code"]
  ])("gets its name by its range: %i is a %s", (code, name) => {
    const row = described(code)
    assert.strictEqual(row.name, name)
    // It may mean anything, so it may pass.
    assert.strictEqual(row.retry, "backoff")
  })
})

describe("the codes we close with", () => {
  it.each(Object.entries(ours))("%s is one of the table's", (_, code) => {
    assert.isTrue(closeCodes.has(code))
  })

  it("are never those that only a socket reports", () => {
    for (const code of Object.values<number>(ours)) assert.notInclude([1005, 1006, 1015], code)
  })

  it("say what the protocol wants said", () => {
    assert.strictEqual(ours.leaving, 1000)
    assert.strictEqual(ours.invalidMessage, 4400)
  })
})
