/** What generated modules do beyond the ordinary. */
import { assert, describe, it } from "@effect/vitest"
import * as Operation from "@fiberline/client/Operation"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import * as Open from "./schemas/stations/open.js"
import * as Stations from "./schemas/stations/stations.js"
import { operations } from "./support/operations.js"

const at = "2026-02-03T04:05:06.000Z"

describe("a persisted document", () => {
  it("has the hash of exactly what is sent, and is in the manifest under it", () => {
    const hashed = operations.filter(({ operation }) => operation.hash !== undefined)
    assert.isAtLeast(hashed.length, 10)
    for (const { corpus, operation } of hashed) {
      const text = String(operation.document)
      const hash = `sha256:${createHash("sha256").update(text).digest("hex")}`
      assert.strictEqual(Operation.documentHash(operation.document), hash)
      const manifest = new URL(`./schemas/${corpus}/documents.json`, import.meta.url)
      // Type boundary: it is one that was generated.
      const texts = JSON.parse(readFileSync(manifest, "utf8")) as {
        readonly [hash: string]: string
      }
      assert.strictEqual(texts[hash], text)
    }
  })
})

describe("what is newer than the schema", () => {
  const fog = { __typename: "Fog", id: "1", at, density: 3 }
  const wind = { __typename: "Wind", id: "1", at, speed: 3, direction: "UP" }

  it("does not fit", () => {
    const decode = Schema.decodeUnknownEither(Stations.ReadingParts)
    assert.isTrue(Either.isLeft(decode(fog)))
    assert.isTrue(Either.isLeft(decode(wind)))
    assert.isTrue(Either.isRight(decode({ ...wind, direction: "NORTH" })))
  })

  it("is kept, if that is wanted", () => {
    const decode = Schema.decodeUnknownSync(Open.ReadingParts)
    assert.deepStrictEqual<unknown>(decode(fog), {
      __typename: "%other",
      id: "1",
      at: new Date(at)
    })
    assert.deepStrictEqual<unknown>(decode(wind), { ...wind, at: new Date(at) })
  })

  it("is not what the schema knows and does not fit", () => {
    const decode = Schema.decodeUnknownEither(Open.ReadingParts)
    assert.isTrue(Either.isLeft(decode({ ...wind, speed: "fast" })))
  })
})

describe("a `@oneOf` input", () => {
  it("loses nothing of what is one too many", () => {
    const encode = Schema.encodeUnknownEither(Stations.StationBy)
    assert.isTrue(Either.isRight(encode({ id: "1" })))
    assert.isTrue(Either.isRight(encode({ id: "1", name: undefined })))
    assert.isTrue(Either.isLeft(encode({ id: "1", name: "Snowdon" })))
    assert.isTrue(Either.isLeft(encode({})))
  })
})

describe("what is deferred", () => {
  it("may not have arrived", () => {
    const decode = Schema.decodeUnknownSync(Stations.LaterData)
    const station = { id: "1", neighbours: [] }
    assert.deepStrictEqual(decode({ station }), { station })
    assert.deepStrictEqual(decode({ station: { ...station, latest: { at } } }), {
      station: { ...station, latest: { at: new Date(at) } }
    })
  })
})
