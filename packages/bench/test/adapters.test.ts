/** Each client, in this process, against a server in it: that what is measured is what is meant. */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import type { Client } from "../src/adapter.js"
import { subscribing, subscribingNames } from "../src/clients.js"
import { takeAll } from "../src/measurements/flood.js"
import { listen, type Server } from "../src/server.js"
import { first, type Tick } from "../src/ticks.js"

let server: Server

beforeAll(async () => {
  server = await listen()
})

afterAll(() => server.close())

/** Ends when so many ticks have come. */
const ticks = (client: Client, count: number, key: number) => {
  const taken: Array<Tick> = []
  let leave = (): void => {}
  const done = new Promise<ReadonlyArray<Tick>>((resolve, reject) => {
    leave = client.subscribe(
      { messages: 0, bytes: 100, key },
      (tick) => {
        if (taken.push(tick) === count) resolve(taken)
      },
      (error) => reject(error ?? new Error("it ended"))
    )
  })
  return { done, leave: () => leave() }
}

describe.each(subscribingNames)("%s", (name) => {
  let client: Client

  beforeAll(async () => {
    const adapter = await subscribing[name].load()
    client = await adapter.open(server.url, {})
  })

  it("delivers every message in order", async () => {
    for (const round of [1, 2]) await takeAll(client, 200, 100, round)
  })

  it("delivers large messages whole", async () => {
    const [tick] = await new Promise<ReadonlyArray<Tick>>((resolve, reject) => {
      const taken: Array<Tick> = []
      client.subscribe(
        { messages: 1, bytes: 100_000, key: 3 },
        (tick) => taken.push(tick),
        (error) => (error === undefined ? resolve(taken) : reject(error))
      )
    })
    assert.lengthOf(JSON.stringify({ data: { tick } }), 100_000)
  })

  it("keeps the messages of its subscriptions apart", async () => {
    const before = server.subscriptions
    const running = [4, 5, 6].map((key) => ticks(client, 2, key))
    await server.begun(before + 3)
    server.spread(2)
    for (const taken of await Promise.all(running.map(({ done }) => done))) {
      assert.deepStrictEqual(
        taken.map(({ n }) => n),
        [first, first + 1]
      )
    }
    for (const { leave } of running) leave()
  })

  it("takes one message after the other, slowly", async () => {
    const taken: Array<number> = []
    let atOnce = 0
    await new Promise<void>((resolve, reject) => {
      client.subscribeSlowly(
        { messages: 20, bytes: 100, key: 7 },
        async ({ n }) => {
          assert.strictEqual(++atOnce, 1)
          await Promise.resolve()
          atOnce--
          if (taken.push(n - first) === 20) resolve()
        },
        (error) => error !== undefined && reject(error)
      )
    })
    assert.deepStrictEqual(
      taken,
      Array.from({ length: 20 }, (_, i) => i)
    )
  })

  it("closes", () => client.close())
})
