import { extract } from "@fiberline/core/Upload"
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import { json } from "./support/frames.js"

class File {
  constructor(readonly name: string) {}
}

const isFile = (value: unknown): value is File => value instanceof File

/** Variables, and files in them at random, some at several places. */
const variables = (): fc.Arbitrary<{ readonly [key: string]: unknown }> => {
  const files = ["a", "b", "c"].map((name) => new File(name))
  const trees = fc.letrec<{ value: unknown; object: { readonly [key: string]: unknown } }>(
    (tie) => ({
      value: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        fc.constantFrom<unknown>(...files, null, 1, "text"),
        json,
        fc.array(tie("value"), { maxLength: 3 }),
        tie("object")
      ),
      object: fc
        .array(
          fc.tuple(
            fc.oneof(fc.constantFrom("__proto__", "a"), fc.stringMatching(/^\w+$/)),
            tie("value")
          ),
          {
            maxLength: 3
          }
        )
        .map((entries) => Object.fromEntries(entries))
    })
  )
  return trees.object
}

/** What the server does with `map`. Keys with dots would need more. */
const putBack = (variables: unknown, files: ReturnType<typeof extract<File>>["files"]): unknown => {
  const paths = new Map(
    files.flatMap(({ file, paths }) => paths.map((path) => [path, file] as const))
  )
  const walk = (value: unknown, path: string): unknown =>
    paths.get(path) ??
    (Array.isArray(value)
      ? value.map((item, at) => walk(item, `${path}.${at}`))
      : typeof value === "object" && value !== null
        ? Object.fromEntries(
            Object.entries(value).map(([key, inner]) => [key, walk(inner, `${path}.${key}`)])
          )
        : value)
  return walk(variables, "variables")
}

describe("files", () => {
  it("are taken out of the variables, with the paths where they were", () => {
    const [one, two] = [new File("1"), new File("2")]
    const variables = { input: { files: [one, two], title: "t" }, again: one, none: null }
    assert.deepEqual(extract(variables, isFile), {
      variables: { input: { files: [null, null], title: "t" }, again: null, none: null },
      files: [
        { file: one, paths: ["variables.input.files.0", "variables.again"] },
        { file: two, paths: ["variables.input.files.1"] }
      ]
    })
    assert.deepEqual(variables, {
      input: { files: [one, two], title: "t" },
      again: one,
      none: null
    })
  })

  it("can be put back where they were, and none is left or comes twice", () => {
    fc.assert(
      fc.property(variables(), (variables) => {
        const extracted = extract(variables, isFile)
        assert.deepEqual(putBack(extracted.variables, extracted.files), variables)
        assert.isEmpty(extract(extracted.variables, isFile).files)
        assert.strictEqual(
          new Set(extracted.files.map(({ file }) => file)).size,
          extracted.files.length
        )
        if (extracted.files.length === 0) assert.strictEqual(extracted.variables, variables)
      }),
      { numRuns: 500 }
    )
  })

  it("are not in variables that there are none of", () => {
    assert.deepEqual(extract(undefined, isFile), { variables: undefined, files: [] })
  })
})

describe("what has no file in it", () => {
  it("is not copied", () => {
    const same = { a: [1, { b: NaN }, NaN], c: undefined }
    const { variables } = extract(
      { same, file: new File("1"), list: [same, new File("2")] },
      isFile
    )
    assert.strictEqual(variables?.same, same)
    assert.strictEqual((variables?.list as ReadonlyArray<unknown>)[0], same)
    const none = { same }
    assert.strictEqual(extract(none, isFile).variables, none)
  })

  it("may write itself, and is not looked into", () => {
    const date = new Date(0)
    const own = { file: new File("1"), toJSON: () => "own" }
    const { files, variables } = extract({ date, own, file: new File("2") }, isFile)
    assert.deepEqual(
      files.map(({ paths }) => paths),
      [["variables.file"]]
    )
    assert.strictEqual(
      JSON.stringify(variables),
      `{"date":"${date.toISOString()}","own":"own","file":null}`
    )
  })

  it("may be the same object at several places", () => {
    const shared = { file: new File("1") }
    assert.deepEqual(extract({ a: shared, b: [shared] }, isFile), {
      variables: { a: { file: null }, b: [{ file: null }] },
      files: [{ file: shared.file, paths: ["variables.a.file", "variables.b.0.file"] }]
    })
  })
})

it("a cycle is left for JSON.stringify to refuse", () => {
  const list: Array<unknown> = [new File("1")]
  const cycle: { [key: string]: unknown } = { list, file: new File("2") }
  list.push(cycle)
  const { files, variables } = extract({ cycle }, isFile)
  assert.strictEqual(files.length, 2)
  assert.throws(() => JSON.stringify(variables), TypeError)
})
