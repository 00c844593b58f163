/**
 * Documents that nobody would write, of fragments in fragments, conditions and fields that are selected
 * again and again: whatever the schema answers has to fit what is generated, and lose nothing by it.
 */
import { assert, it } from "@effect/vitest"
import * as Operation from "@fiberline/client/Operation"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import { transform } from "esbuild"
import { buildSchema, execute, parse, validate } from "graphql"
import { generate } from "./support/generate.js"
import { mock, type Seed } from "./support/mocked.js"

const sdl = `
  interface Node { id: ID! }
  interface Animal implements Node { id: ID! name: String friend: Animal kin: [Animal!]! }
  type Cat implements Animal & Node { id: ID! name: String friend: Animal kin: [Animal!]! lives: Int! toy: Toy }
  type Dog implements Animal & Node { id: ID! name: String friend: Animal kin: [Animal!]! tricks: [String!] toy: Toy }
  type Fish implements Animal & Node { id: ID! name: String friend: Animal kin: [Animal!]! }
  type Toy implements Node { id: ID! owner: Pet }
  union Pet = Cat | Dog
  type Query { node: Node animal: Animal! pet: Pet pets: [Pet!]! cat: Cat }
`

/** What can be selected on a type: its leaves, its objects with their types, and what it may be. */
const types: {
  readonly [name: string]: {
    readonly leaves: ReadonlyArray<string>
    readonly objects: ReadonlyArray<readonly [string, string]>
    readonly narrower: ReadonlyArray<string>
  }
} = {
  Query: {
    leaves: [],
    objects: [
      ["node", "Node"],
      ["animal", "Animal"],
      ["pet", "Pet"],
      ["pets", "Pet"],
      ["cat", "Cat"]
    ],
    narrower: []
  },
  Node: { leaves: ["id"], objects: [], narrower: ["Animal", "Cat", "Dog", "Toy", "Pet"] },
  Animal: {
    leaves: ["id", "name"],
    objects: [
      ["friend", "Animal"],
      ["kin", "Animal"]
    ],
    narrower: ["Node", "Cat", "Dog", "Fish", "Pet"]
  },
  Pet: { leaves: ["__typename"], objects: [], narrower: ["Cat", "Dog", "Animal", "Node"] },
  Cat: {
    leaves: ["id", "lives"],
    objects: [
      ["friend", "Animal"],
      ["toy", "Toy"]
    ],
    narrower: ["Animal", "Pet"]
  },
  Dog: {
    leaves: ["id", "tricks"],
    objects: [
      ["kin", "Animal"],
      ["toy", "Toy"]
    ],
    narrower: ["Animal", "Pet"]
  },
  Fish: { leaves: ["name"], objects: [["friend", "Animal"]], narrower: ["Node"] },
  Toy: { leaves: ["id"], objects: [["owner", "Pet"]], narrower: ["Node"] }
}

/** Fragments, each of which may spread those after it. */
const fragments = [
  ["F", "Animal"],
  ["G", "Pet"],
  ["H", "Cat"],
  ["I", "Node"]
] as const

type Pick = () => number

/** A selection set, as the numbers that are picked have it. */
const selection = (type: string, pick: Pick, depth: number, from: number): string => {
  const { leaves, narrower, objects } = types[type]!
  const condition = () => ["", "", "", " @include(if: $a)", " @skip(if: $b)"][pick() % 5]!
  const one = (): string => {
    const kind = pick() % 6
    if (kind <= 1 && depth > 0 && objects.length > 0) {
      const [name, of] = objects[pick() % objects.length]!
      return `${name}${condition()} ${selection(of, pick, depth - 1, from)}`
    }
    if (kind === 2 && depth > 0 && narrower.length > 0) {
      const of = narrower[pick() % narrower.length]!
      return `... on ${of}${condition()} ${selection(of, pick, depth - 1, from)}`
    }
    if (kind === 3 && type !== "Query") {
      const usable = fragments.filter(
        ([, on], index) => index >= from && (on === type || narrower.includes(on))
      )
      const [name] = usable[pick() % Math.max(usable.length, 1)] ?? []
      if (name !== undefined) return `...${name}${condition()}`
    }
    return `${leaves[pick() % Math.max(leaves.length, 1)] ?? "__typename"}${condition()}`
  }
  return `{ ${Array.from({ length: 1 + (pick() % 4) }, one).join(" ")} }`
}

const document = FastCheck.infiniteStream(FastCheck.nat(999)).map((numbers) => {
  const pick: Pick = () => numbers.next().value as number
  const all = fragments.map(
    ([name, on], index) => `fragment ${name} on ${on} ${selection(on, pick, 2, index + 1)}`
  )
  return [`query Q($a: Boolean!, $b: Boolean!) ${selection("Query", pick, 4, 0)}`, ...all].join(
    "\n"
  )
})

const unknownValues = FastCheck.constantFrom("fail" as const, "keep" as const)

/** The exports of a generated module. */
const load = async (text: string): Promise<{ readonly [name: string]: unknown }> => {
  const { code } = await transform(text, { loader: "ts", format: "cjs" })
  const module: { exports: { [name: string]: unknown } } = { exports: {} }
  const modules: { readonly [name: string]: unknown } = {
    "effect/Schema": Schema,
    "@fiberline/client/Operation": Operation
  }
  new Function("module", "require", code)(module, (name: string) => modules[name])
  return module.exports
}

it("fits what the schema answers, whatever is asked", async () => {
  const seed: Seed = { value: 1 }
  const schema = buildSchema(sdl)
  const mocked = mock(buildSchema(sdl), seed)
  let valid = 0
  await FastCheck.assert(
    FastCheck.asyncProperty(
      document,
      FastCheck.nat(),
      unknownValues,
      async (source, start, unknownValues) => {
        const errors = validate(schema, parse(source)).filter(
          ({ message }) => !/is never used/.test(message)
        )
        FastCheck.pre(errors.length === 0)
        valid++
        const exported = await load(
          await generate(schema, { "a.graphql": source }, { unknownValues })
        )
        // Type boundary: what is generated for \`query Q\`.
        const operation = exported.Q as { readonly document: string }
        const data = exported.QData as Schema.Schema<unknown, unknown>
        for (const [a, b] of [
          [true, true],
          [true, false],
          [false, true],
          [false, false]
        ]) {
          seed.value = start % 1e6
          const result = await execute({
            schema: mocked,
            document: parse(operation.document),
            variableValues: { a, b }
          })
          assert.isUndefined(result.errors)
          const raw: unknown = JSON.parse(JSON.stringify(result.data))
          const decoded = Schema.decodeUnknownSync(data, { onExcessProperty: "error" })(raw)
          assert.deepStrictEqual(Schema.encodeSync(data)(decoded), raw)
        }
      }
    ),
    { numRuns: 60, seed: Number(process.env.FUZZ_SEED ?? 7) }
  )
  assert.isAtLeast(valid, 60)
})
