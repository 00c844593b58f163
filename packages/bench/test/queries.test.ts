/** Each client that queries, in this process, against a server in it: that what is measured is what is meant. */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { queryingNames, querying } from "../src/clients.js"
import { askAll } from "../src/measurements/queries.js"
import type { QueryClient } from "../src/queryAdapter.js"
import { listen, type Server } from "../src/server.js"
import { first } from "../src/ticks.js"

let server: Server
let url: string

beforeAll(async () => {
  server = await listen()
  url = server.url.replace(/^ws/, "http")
})

afterAll(() => server.close())

describe.each(queryingNames)("%s", (name) => {
  let client: QueryClient

  beforeAll(async () => {
    const adapter = await querying[name].load()
    client = await adapter.open(url)
  })

  it("has the whole answer", async () => {
    const { n, pad } = await client.query({ bytes: 1000, key: 7 })
    assert.strictEqual(n, first + 7)
    assert.lengthOf(JSON.stringify({ data: { tick: { n, pad } } }), 1000)
  })

  it("has each answer to its own query", async () => {
    await askAll(client, 20, 1, 100)
    await askAll(client, 200, 50, 100)
  })

  it("closes", () => client.close())
})

describe("a measurement of queries", () => {
  const counting = (answer: (key: number) => number) => {
    const keys: Array<number> = []
    let running = 0
    let most = 0
    const client: QueryClient = {
      query: async ({ key }) => {
        keys.push(key)
        most = Math.max(most, ++running)
        await Promise.resolve()
        running--
        return { n: first + answer(key), pad: "" }
      },
      close: async () => {}
    }
    return { client, keys, most: () => most }
  }

  it("asks as many as it is told to, as many at once", async () => {
    const { client, keys, most } = counting((key) => key)
    await askAll(client, 20, 6, 100, 100)
    assert.deepStrictEqual(
      keys,
      Array.from({ length: 20 }, (_, i) => 100 + i)
    )
    assert.strictEqual(most(), 6)
  })

  it("fails when an answer is that to another query", async () => {
    const { client } = counting((key) => (key === 13 ? 12 : key))
    const failure = await askAll(client, 20, 2, 100).then(
      () => "none",
      (error: Error) => error.message
    )
    assert.strictEqual(failure, "answer 12 came to query 13")
  })
})

describe("the server of queries", () => {
  it("says how long its answer is, and keeps the connection", async () => {
    const response = await fetch(url, {
      method: "POST",
      body: JSON.stringify({ query: "", variables: { bytes: 100, key: 1 } })
    })
    assert.strictEqual(response.headers.get("content-length"), "100")
    assert.strictEqual(response.headers.get("connection"), "keep-alive")
    assert.lengthOf(await response.text(), 100)
  })
})
