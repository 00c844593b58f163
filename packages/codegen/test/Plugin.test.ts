/** What is emitted for what, in small. */
import { assert, describe, it } from "@effect/vitest"
import { buildSchema } from "graphql"
import { createHash } from "node:crypto"
import type { Config } from "../src/index.js"
import { validate } from "../src/index.js"
import { generate } from "./support/generate.js"

const schema = buildSchema(`
  scalar Moment
  scalar Any
  enum Size { S L }
  interface Named { name: String! }
  type Cat implements Named { name: String! lives: Int! friend: Named size: Size born: Moment }
  type Dog implements Named { name: String! owner: Owner! }
  type Owner { id: ID! pets: [Named!]! any: Any }
  union Pet = Cat | Dog
  input Tree { left: Tree right: Tree leaf: Leaf }
  "A leaf."
  input Leaf {
    size: Size = L
    at: Moment
    "How many."
    count: Int! = 1
    needed: Float!
    old: Int @deprecated(reason: "No more.")
  }
  input By @oneOf { id: ID tree: Tree }
  type Query { cat: Cat! pet: Pet pets(of: Tree, by: By, size: Size! = S): [Pet] owner: Owner }
`)

/** Without \`Schema.\` and white space, which Prettier may put anywhere. */
const compact = (text: string): string =>
  text.replaceAll(/\s+|\bSchema\.(?=\w+)|\/\*.*?\*\//g, "").replaceAll(/,(?=[)}\]])/g, "")

/** The Schema that is declared under a name. */
const schemaOf = (text: string, name: string): string => {
  const [, declaration = ""] =
    new RegExp(`^export const ${name}(?:: [^=]+)? = ([^]*?)(?=^export |\\n\\n)`, "m").exec(text) ??
    []
  return compact(declaration).replace(/^\(\(\)=>([^]*)\)\(\)$/, "$1")
}

const gen = (document: string, config: Config = {}) =>
  generate(schema, { "a.graphql": document }, config)

/** The Schema of what `query Q` brings. */
const data = async (document: string, config: Config = {}): Promise<string> =>
  schemaOf(await gen(document, config), "QData")

const same = (actual: string, expected: string) => {
  assert.strictEqual(actual, compact(expected))
}

describe("a selection", () => {
  it("is a Struct, under the names that were chosen", async () => {
    same(
      await data("query Q { it: cat { name lives born size } }"),
      "Struct({ it: Struct({ name: String, lives: Int, born: NullOr(Moment), size: NullOr(Size) }) })"
    )
  })

  it("merges what is selected several times", async () => {
    same(
      await data(`
        query Q { owner { pets { __typename } } ...O owner { id pets { name } } }
        fragment O on Query { owner { id } }
      `),
      `Struct({
        owner: NullOr(Struct({
          pets: Array(Struct({ __typename: Literal("Cat", "Dog"), name: String })),
          id: String
        }))
      })`
    )
  })

  it("has what is included or skipped as optional, unless it is there anyway", async () => {
    same(
      await data(`
        query Q($a: Boolean!, $b: Boolean!) {
          cat @include(if: $a) { name }
          cat @skip(if: $b) { name lives }
          both: cat @include(if: $a) { name ... @skip(if: $b) { lives } }
          c: cat { name @include(if: $a) n: name lives @include(if: true) size @include(if: false) }
          d: cat { lives }
          d: cat @include(if: $a) { lives name }
        }
      `),
      `Struct({
        cat: optionalWith(
          Struct({ name: String, lives: optionalWith(Int, { exact: true }) }), { exact: true }
        ),
        both: optionalWith(
          Struct({ name: String, lives: optionalWith(Int, { exact: true }) }), { exact: true }
        ),
        c: Struct({ name: optionalWith(String, { exact: true }), n: String, lives: Int }),
        d: Struct({ lives: Int, name: optionalWith(String, { exact: true }) })
      })`
    )
  })

  it("has what is deferred as optional, each part for itself", async () => {
    const document = `
      query Q {
        owner { id ... @defer { any pets { name } } ... @defer { any pets { n: name } } }
        cat { ...C @defer(if: false) }
      }
      fragment C on Cat { lives }
    `
    const deferring = buildSchema(
      `directive @defer(if: Boolean = true, label: String) on INLINE_FRAGMENT | FRAGMENT_SPREAD
       type Query { owner: Owner cat: Cat }
       type Cat { lives: Int }
       type Owner { id: ID! any: Int! pets: [Pet!]! }
       type Pet { name: String! }`
    )
    same(
      schemaOf(await generate(deferring, { "a.graphql": document }), "QData"),
      `Struct({
        owner: NullOr(Struct({
          id: String,
          any: optionalWith(Int, { exact: true }),
          pets: optionalWith(Array(Struct({
            name: optionalWith(String, { exact: true }),
            n: optionalWith(String, { exact: true })
          })), { exact: true })
        })),
        cat: NullOr(C)
      })`
    )
  })

  it("of what differs by type is a union, tagged by `__typename`", async () => {
    const text = await gen("query Q { pet { ... on Cat { lives } ... on Named { name } } }")
    same(
      schemaOf(text, "QData"),
      `Struct({
        pet: NullOr(Union(
          Struct({ __typename: Literal("Cat"), lives: Int, name: String }),
          Struct({ __typename: Literal("Dog"), name: String })
        ))
      })`
    )
    assert.include(text, "pet {\n    __typename\n    ... on Cat")
  })

  it("asks for no `__typename` where types make no difference", async () => {
    const text = await gen("query Q { pet { ... on Named { name } } owner { pets { name } } }")
    assert.notInclude(text, "__typename")
    same(
      schemaOf(text, "QData"),
      `Struct({
        pet: NullOr(Struct({ name: String })),
        owner: NullOr(Struct({ pets: Array(Struct({ name: String })) }))
      })`
    )
  })

  it("asks for `__typename` once more where a fragment has it under a condition", async () => {
    const text = await gen(`
      query Q($a: Boolean!) { pet { __typename @include(if: $a) t: __typename ... on Cat { lives } } }
    `)
    assert.include(text, "pet {\n    __typename\n    __typename @include(if: $a)")
    assert.include(schemaOf(text, "QData"), `Struct({__typename:Literal("Cat"),t:Literal("Cat")`)
  })

  it("of all types there are may be of another, if that is kept", async () => {
    const keep = { unknownValues: "keep" } as const
    const both = "query Q { pet { ... on Cat { name } ... on Dog { name } } }"
    same(
      await data(both, keep),
      `Struct({
        pet: NullOr(Union(
          Struct({ __typename: Literal("Cat", "Dog"), name: String }),
          Struct({ __typename: unlike(PetTypename) })
        ))
      })`
    )
    // Whatever a Pet is by now, nothing says that each is Named.
    const named = await gen("query Q { pet { ... on Named { name } } }", keep)
    assert.include(named, "pet {\n    __typename\n    ... on Named")
    same(
      schemaOf(named, "QData"),
      `Struct({
        pet: NullOr(Union(
          Struct({ __typename: Literal("Cat", "Dog"), name: String }),
          Struct({ __typename: unlike(PetTypename) })
        ))
      })`
    )
  })

  it("may be deep", async () => {
    const depth = 20
    const text = await data(
      `query Q { owner { ${"pets { ... on Dog { owner { ".repeat(depth)} id ${"} } }".repeat(depth)} } }`
    )
    assert.lengthOf(text.match(/owner:/g) ?? [], depth + 1)
  })

  it("knows what a schema tells of itself", async () => {
    assert.include(await data("query Q { __schema { types { kind } } }"), "kind:__TypeKind")
  })
})

describe("a fragment", () => {
  it("is used as it is, spread into more, or merged where it has something in another form", async () => {
    same(
      await data(`
        query Q($a: Boolean!) {
          cat { ...CatParts }
          more: cat { ...CatParts size name }
          merged: cat { ...CatParts friend { ... on Cat { lives } } }
          maybe: cat { ...CatParts @include(if: $a) }
          owner { pets { ...NamedParts ... on Dog { owner { id } } } }
        }
        fragment CatParts on Cat { name friend { name } }
        fragment NamedParts on Named { name }
      `),
      `Struct({
        cat: CatParts,
        more: Struct({ ...CatParts.fields, size: NullOr(Size) }),
        merged: Struct({
          ...CatParts.fields,
          friend: NullOr(Union(
            Struct({ __typename: Literal("Cat"), name: String, lives: Int }),
            Struct({ __typename: Literal("Dog"), name: String })
          ))
        }),
        maybe: Struct({
          name: optionalWith(String, { exact: true }),
          friend: optionalWith(NullOr(Struct({ name: String })), { exact: true })
        }),
        owner: NullOr(Struct({
          pets: Array(Union(
            Struct({ __typename: Literal("Dog"), ...NamedParts.fields, owner: Struct({ id: String }) }),
            Struct({ __typename: Literal("Cat"), ...NamedParts.fields })
          ))
        }))
      })`
    )
  })

  it("that is a union is used as it is, and merged into more", async () => {
    same(
      await data(`
        query Q { pet { ...PetParts } owner { pets { ...PetParts name } } cat { ...PetParts } }
        fragment PetParts on Pet { ... on Cat { lives } ... on Dog { name } }
      `),
      `Struct({
        pet: NullOr(PetParts),
        owner: NullOr(Struct({
          pets: Array(Union(
            Struct({ __typename: Literal("Cat"), lives: Int, name: String }),
            Struct({ __typename: Literal("Dog"), name: String })
          ))
        })),
        cat: Struct({ __typename: Literal("Cat"), lives: Int })
      })`
    )
  })

  it("has its text once, and operations are made of it", async () => {
    const text = await gen(
      "query Q { cat { ...A } } fragment A on Cat { ...B } fragment B on Cat { name }",
      { persistedDocuments: true }
    )
    assert.lengthOf(text.match(/fragment B on Cat/g) ?? [], 1)
    assert.match(text, /\n\n\$\{ADocument\}\n\n\$\{BDocument\}`/)
    const sent =
      "query Q {\n  cat {\n    ...A\n  }\n}\n\nfragment A on Cat {\n  ...B\n}\n\nfragment B on Cat {\n  name\n}"
    assert.include(text, `"sha256:${createHash("sha256").update(sent).digest("hex")}"`)
  })
})

describe("inputs", () => {
  const document =
    "query Q($of: Tree, $by: By, $size: Size! = L) { pets(of: $of, by: $by, size: $size) { __typename } }"

  it("may be left out where they may be null or have a default", async () => {
    const text = await gen(document)
    same(
      schemaOf(text, "Leaf"),
      `Struct({
        size: optional(NullOr(Size)),
        at: optional(NullOr(Moment)),
        count: optional(Int),
        needed: Finite,
        old: optional(NullOr(Int))
      })`
    )
    same(
      schemaOf(text, "QVariables"),
      "Struct({ of: optional(NullOr(Tree)), by: optional(NullOr(By)), size: optional(Size) })"
    )
  })

  it("that contain themselves have an interface, and are suspended", async () => {
    const text = await gen(document, { scalars: { Moment: "Schema.Date" } })
    const branch = "optional(NullOr(suspend(() => Tree)))"
    same(
      schemaOf(text, "Tree"),
      `Struct({ left: ${branch}, right: ${branch}, leaf: optional(NullOr(Leaf)) })`
    )
    assert.match(text, /export interface TreeEncoded \{/)
    assert.match(text, /readonly leaf\?: typeof Leaf\.Encoded \| null \| undefined/)
    // Without a scalar that decodes, both sides are the same.
    assert.notInclude(await gen(document), "TreeEncoded")
  })

  it("of which exactly one is to be given admit no other", async () => {
    same(
      schemaOf(await gen(document), "By"),
      `Union(
        Struct({ id: String, tree: optional(Never) }),
        Struct({ id: optional(Never), tree: Tree })
      )`
    )
  })

  it("and enums are described, unless that is not wanted", async () => {
    const text = await gen(document)
    assert.include(text, "/** A leaf. */\nexport const Leaf")
    assert.include(text, "/** How many. */\n    count")
    assert.include(text, "/** @deprecated No more. */\n    old")
    assert.notInclude(await gen(document, { descriptions: "none" }), "/** ")
  })

  it("that no document uses are left out, unless all are wanted", async () => {
    assert.notInclude(await gen("query Q { cat { name } }"), "Tree")
    const all = await gen("query Q { cat { name } }", { onlyOperationTypes: false })
    for (const name of ["Tree", "Leaf", "By", "Size", "Moment", "Any"]) {
      assert.match(all, new RegExp(`^export const ${name}\\b`, "m"))
    }
    assert.notInclude(all, "__Type")
  })
})

describe("scalars", () => {
  const document = "query Q { cat { born } owner { id any } }"

  it("are what the configuration says, one Schema for variables and one for data", async () => {
    const text = await gen(document, {
      scalars: {
        Moment: { input: "./my-scalars.js#Moment", output: "Schema.Date" },
        Any: "./my-scalars.js#Any",
        ID: "Schema.String.pipe(Schema.brand('Id'))"
      }
    })
    assert.include(text, `import * as MyScalars from "./my-scalars.js"`)
    assert.include(text, "export const Moment = Schema.Date\n")
    assert.include(text, "export const MomentInput = MyScalars.Moment\n")
    assert.include(text, "export const Any = MyScalars.Any\n")
    same(schemaOf(text, "ID"), `String.pipe(brand("Id"))`)
    same(
      schemaOf(text, "QData"),
      "Struct({ cat: Struct({ born: NullOr(Moment) }), owner: NullOr(Struct({ id: ID, any: NullOr(Any) })) })"
    )
  })

  it("are unknown where it says nothing", async () => {
    assert.include(await gen(document), "export const Any = Schema.Unknown\n")
  })
})

describe("a name", () => {
  it("is written as a person would", async () => {
    const text = await gen(
      "query get_cat { cat { ...catParts } } fragment catParts on Cat { name }"
    )
    assert.match(text, /^export const GetCat = /m)
    assert.match(text, /^export const CatParts = /m)
    // The server knows it by the name that it has.
    assert.include(text, `operationName: "get_cat"`)
  })

  it("ends in what the configuration says", async () => {
    const suffix = { variables: "Input", data: "Result", document: "Text" }
    const text = await gen(
      "query Q($of: Tree) { pets(of: $of) { __typename ... on Cat { ...C } } } fragment C on Cat { name }",
      { suffix }
    )
    for (const name of ["QInput", "QResult", "Q", "C", "CText"]) {
      assert.match(text, new RegExp(`^export const ${name} = `, "m"))
    }
  })

  it("that two things would have, or that every file has, is an error", async () => {
    const problem = (document: string) =>
      gen(document).then(
        () => "none",
        (error: unknown) => String(error)
      )
    assert.include(
      await problem("query Same { cat { ...same } } fragment same on Cat { name }"),
      "The fragment same and the query Same would both be exported as Same."
    )
    assert.include(
      await problem("query A { cat { name } } query AData { cat { name } }"),
      "The query A and the query AData would both be exported as AData."
    )
    assert.include(
      await problem("query Schema { cat { name } }"),
      "which is what effect/Schema is imported as"
    )
    assert.include(await problem("{ cat { name } }"), "This query has no name.")
  })

  it("of the schema that TypeScript or the file has another use for ends in `_`", async () => {
    const theirs = buildSchema(`
      scalar bigint
      enum default { asc }
      enum Operation { ADD }
      input Schema { all: [Schema!] id: bigint of: default }
      input ReadonlyArray { each: [ReadonlyArray!]! }
      type Query { a(in: Schema, each: ReadonlyArray): Operation }
    `)
    const text = await generate(
      theirs,
      { "a.graphql": "query Q($in: Schema, $each: ReadonlyArray) { a(in: $in, each: $each) }" },
      { scalars: { bigint: "Schema.BigInt" } }
    )
    assert.include(text, `export const bigint_ = Schema.BigInt\nexport type bigint_ =`)
    assert.include(text, `export const default_ = /* @__PURE__ */ Schema.Literal("asc")`)
    assert.include(text, "export interface Schema_Encoded {")
    assert.include(text, "readonly id?: typeof bigint_.Type | null | undefined")
    assert.include(text, "readonly each: ReadonlyArray<ReadonlyArray_>")
    same(schemaOf(text, "QData"), "Struct({ a: NullOr(Operation_) })")
    same(
      schemaOf(text, "QVariables"),
      "Struct({ in: optional(NullOr(Schema_)), each: optional(NullOr(ReadonlyArray_)) })"
    )
  })

  it("keeps the `_` without which it is no name", async () => {
    const text = await gen("query _ { cat { name } } query _2fa { cat { name } }")
    assert.match(text, /^export const _ = /m)
    assert.match(text, /^export const _2fa = /m)
  })

  it("that is no property otherwise is one", async () => {
    assert.include(await gen("query Q { __proto__: cat { name } }"), `["__proto__"]: Schema.Struct`)
  })
})

describe("output", () => {
  it("is the same for documents in any order of files, and every time", async () => {
    const a = "query A { cat { ...P } }"
    const b = "fragment P on Cat { name size }"
    const once = await generate(schema, { "a.graphql": a, "b.graphql": b })
    assert.strictEqual(await generate(schema, { "a.graphql": a, "b.graphql": b }), once)
    assert.strictEqual(await generate(schema, { "b.graphql": b, "a.graphql": a }), once)
  })

  it("has documents with what templates want escaped", async () => {
    const text = await gen('query Q { pets(by: { id: "`${c}\\\\" }) { __typename } }')
    assert.include(text, '"\\`\\${c}\\\\\\\\"')
  })

  it("into a `.json` is the manifest", async () => {
    const text = await generate(
      schema,
      { "a.graphql": "query B { cat { name } } query A { cat { lives } }" },
      { persistedDocuments: { hashAlgorithm: (text) => text.slice(0, 7) } },
      "documents.json"
    )
    assert.deepStrictEqual(JSON.parse(text), {
      "query A": "query A {\n  cat {\n    lives\n  }\n}",
      "query B": "query B {\n  cat {\n    name\n  }\n}"
    })
  })
})

describe("validate", () => {
  const problem = async (config: object, output = "a.ts"): Promise<string> => {
    try {
      await validate(schema, [], config, output, [])
      return "none"
    } catch (error) {
      return String(error)
    }
  }

  it("says what is wrong with a configuration", async () => {
    assert.strictEqual(await problem({}), "none")
    assert.strictEqual(await problem({ persistedDocuments: true }, "a.json"), "none")
    assert.include(await problem({}, "a.json"), "persistedDocuments: true")
    assert.include(await problem({}, "a.js"), "a.js should end in .ts")
    assert.include(await problem({ scalars: { A: "Date" } }), `config.scalars.A is "Date"`)
    assert.include(
      await problem({ scalars: { A: { input: "Schema.Date" } } }),
      "config.scalars.A.output"
    )
    // What YAML makes of a key without a value.
    assert.include(await problem({ scalars: { A: null } }), "config.scalars.A is null")
    assert.strictEqual(await problem({ scalars: null, persistedDocuments: null }), "none")
    assert.include(
      await problem({ scalars: "./scalars.js" }),
      `config.scalars is "./scalars.js". It should be an object`
    )
    assert.include(
      await problem({ persistedDocuments: "sha256" }),
      `config.persistedDocuments is "sha256". It should be true or false.`
    )
    assert.include(
      await problem({ persistedDocuments: { hashAlgorithm: "sha255" } }),
      `config.persistedDocuments.hashAlgorithm is "sha255"`
    )
    assert.include(await problem({ unknownValues: "drop" }), `"fail" or "keep"`)
    assert.include(await problem({ descriptions: true }), "config.descriptions is true")
    assert.include(await problem({ strictScalars: 1 }), "config.strictScalars is 1")
    assert.include(await problem({ suffix: { data: "" } }), "config.suffix.data")
  })
})
