import { assert, describe, it } from "@effect/vitest"
import { buildSchema } from "graphql"
import { Documents, documentsOf, most } from "../src/internal/local/documents.js"

const schema = buildSchema("type Query { hello: String }")

describe("the documents of a local schema", () => {
  it("are checked once", () => {
    const documents = new Documents(schema)
    const valid = documents.check("{ hello }")
    assert.strictEqual(valid._tag, "Valid")
    assert.strictEqual(documents.check("{ hello }"), valid)
    for (const query of ["{", "{ absent }", ""]) {
      const invalid = documents.check(query)
      assert(invalid._tag === "Invalid", query)
      assert.isNotEmpty(invalid.errors)
      assert.strictEqual(documents.check(query), invalid)
    }
  })

  it("are those of all its clients", () => {
    const other = buildSchema("type Query { hello: String }")
    assert.strictEqual(documentsOf(schema), documentsOf(schema))
    assert.notStrictEqual(documentsOf(schema), documentsOf(other))
  })

  it("are forgotten when there are too many, the one used longest ago first", () => {
    const documents = new Documents(schema)
    const document = (index: number) => `query Number${index} { hello }`
    const first = documents.check(document(0))
    const second = documents.check(document(1))
    for (let index = 2; index < most; index++) documents.check(document(index))
    assert.strictEqual(documents.check(document(0)), first)
    documents.check(document(most))
    assert.strictEqual(documents.check(document(0)), first)
    assert.notStrictEqual(documents.check(document(1)), second)
  })

  it("do not remember what is not about the document", () => {
    const documents = new Documents(schema)
    const deep = `{ ${"hello { ".repeat(100_000)}${"} ".repeat(100_000)} }`
    assert.throws(() => documents.check(deep), RangeError)
    assert.throws(() => documents.check(deep), RangeError)
  })
})
