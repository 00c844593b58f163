/**
 * Every example in the documentation is a file in `docs/examples`, which a marker names and the block
 * below it copies. UPDATE_DOCS=1 writes the copies.
 *
 * And every example runs:
 *
 * - `name.test.ts` holds tests, which run here
 * - anything else is a program, which is run by importing it, against a real server whose address is in
 *   GRAPHQL_URL; it must print what its comments `// =>` say
 * - unless another example imports it
 */
import { afterAll, assert, beforeAll, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { format } from "node:util"
import { WebSocket } from "ws"
import {
  blocksOf,
  documents,
  exampleNames,
  read,
  regionsOf,
  root,
  shownOf,
  toBlock
} from "./support/files.js"
import { type Station, station, token } from "./support/station.js"

const sources = new Map(exampleNames.map((name) => [name, read(`docs/examples/${name}`)]))

/** What a marker stands for. */
const shown = (marker: string): string => {
  const [name = "", region] = marker.split("#")
  const code = shownOf(sources.get(name) ?? "", region)
  assert(sources.has(name) && code !== undefined, `there is no example ${marker}`)
  return code
}

/** The beginning of any block of code that could run. */
const fence = /^\s*(?:```|~~~)\s*(?:[cm]?[tj]sx?|typescript|javascript)\b/gm

const isUpdate = process.env.UPDATE_DOCS === "1"

describe("the documentation", () => {
  for (const document of documents) {
    it(`${document} shows its examples as they are`, () => {
      const text = read(document)
      const blocks = blocksOf(text)
      assert.lengthOf(text.match(fence) ?? [], blocks.length, "a block is indented")
      const updated = blocks.reduce((text, block) => {
        assert.isDefined(block.marker, `a block without a marker:\n${block.code}`)
        return text.replace(block.text, () => toBlock(block.marker!, shown(block.marker!)))
      }, text)
      if (isUpdate && updated !== text) writeFileSync(join(root, document), updated)
      else assert.strictEqual(text, updated, "UPDATE_DOCS=1 brings it up to date")
    })
  }

  it("shows every example, and every region of those it shows in part", () => {
    const markers = new Set(documents.flatMap((name) => blocksOf(read(name)).map((b) => b.marker)))
    for (const [name, source] of sources) {
      if (markers.has(name)) continue
      assert.isNotEmpty(regionsOf(source), `${name} is not shown`)
      for (const region of regionsOf(source)) {
        assert.isTrue(markers.has(`${name}#${region}`), `${name}#${region} is not shown`)
      }
    }
  })
})

/** The lines that a program says it prints. */
const expectedOf = (source: string): ReadonlyArray<string> =>
  Array.from(source.matchAll(/^ *\/\/ => ?(.*)$/gm), ([, line]) => line ?? "")

const isImported = (name: string): boolean =>
  Array.from(sources.values()).some((source) =>
    source.includes(`from "./${name.replace(/\.ts$/, ".js")}"`)
  )

/** A `WebSocket` with nothing but what the standard gives it. Node 20 has none of its own. */
class StandardWebSocket extends WebSocket {
  constructor(url: string, protocols?: string | Array<string>) {
    super(url, protocols)
    Object.assign(this, { terminate: undefined, pause: undefined, resume: undefined })
  }
}

describe("a program among the examples", () => {
  const scope = Effect.runSync(Scope.make())
  let server: Station

  beforeAll(async () => {
    server = await Effect.runPromise(Scope.extend(station, scope))
    vi.stubEnv("GRAPHQL_URL", server.url)
    vi.stubEnv("BILLING_URL", server.url)
    vi.stubEnv("BILLING_TOKEN", token)
    vi.stubGlobal("WebSocket", StandardWebSocket)
  })

  afterAll(async () => {
    vi.unstubAllEnvs()
    vi.unstubAllGlobals()
    await Effect.runPromise(Scope.close(scope, Exit.void))
  })

  for (const [name, source] of sources) {
    if (name.endsWith(".test.ts")) continue
    const expected = expectedOf(source)
    if (expected.length === 0 && isImported(name)) continue

    it(`${name} prints what it says it prints`, async () => {
      assert.isNotEmpty(expected, "a program says what it prints, in comments `// =>`")
      const printed: Array<string> = []
      const log = vi.spyOn(console, "log").mockImplementation((...values: Array<unknown>) => {
        printed.push(...format(...values).split("\n"))
      })
      try {
        await import(join(root, "docs/examples", name))
      } finally {
        log.mockRestore()
      }
      assert.deepStrictEqual(printed, expected)
      const isAlone = () => assert.strictEqual(server.clients(), 0, "a client is left")
      await vi.waitFor(isAlone, { timeout: 5000 })
    })
  }
})

for (const name of exampleNames) {
  if (name.endsWith(".test.ts")) describe(name, () => import(join(root, "docs/examples", name)))
}
