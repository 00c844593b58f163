/** The server that stands for Phoenix and Absinthe, as @absinthe/socket sees it. */
import * as Absinthe from "@absinthe/socket"
import { assert, describe, it } from "@effect/vitest"
import { tickMillis } from "../src/schema.js"
import { clients, eventually, serverOf, socketOf } from "./support/phoenix.js"
import { setTimeout as delay } from "node:timers/promises"

/** What an observer of a request has been told so far. */
const observed = (socket: Absinthe.AbsintheSocket, operation: string, variables?: object) => {
  const told: Array<readonly [event: string, what?: unknown]> = []
  const notifier = Absinthe.send(socket, {
    operation,
    ...(variables === undefined ? {} : { variables })
  })
  Absinthe.observe(socket, notifier, {
    onStart: () => void told.push(["start"]),
    onResult: (result) => void told.push(["result", result]),
    onError: ({ message }) => void told.push(["error", message]),
    onAbort: ({ message }) => void told.push(["abort", message]),
    onCancel: () => void told.push(["cancel"])
  })
  return told
}

const results = (told: ReadonlyArray<readonly [string, unknown?]>) =>
  told.filter(([event]) => event === "result").map(([, result]) => result)

for (const client of clients) {
  describe(`@absinthe/socket on ${client.name}`, () => {
    it("has queries and mutations answered", async () => {
      const socket = Absinthe.create(socketOf(client, await serverOf()).socket)
      const query = observed(socket, "query ($name: String!) { hello(name: $name) }", {
        name: "Ada"
      })
      const mutation = observed(socket, "mutation { bump(by: 0) }")
      const fails = observed(socket, "{ fails }")
      await eventually(() => results(fails).length === 1, "three results")
      assert.deepStrictEqual(results(query), [{ data: { hello: "Hello, Ada!" } }])
      assert.hasAllKeys(results(mutation)[0], ["data"])
      assert.deepNestedInclude(results(fails)[0], {
        "errors[0].extensions": { code: "ON_PURPOSE" },
        "data.fails": null
      })
    })

    for (const operation of ["{ nonsense }", "subscription { nonsense }"]) {
      it(`is refused ${operation}`, async () => {
        const socket = Absinthe.create(socketOf(client, await serverOf()).socket)
        const told = observed(socket, operation)
        await eventually(() => told.some(([event]) => event === "abort"), "an abort")
        assert.deepStrictEqual(results(told), [])
      })
    }

    it("gets what subscriptions have, until it cancels", async () => {
      const server = await serverOf()
      const socket = Absinthe.create(socketOf(client, server).socket)
      const counted = observed(socket, "subscription ($to: Int!) { count(to: $to) }", { to: 3 })
      await eventually(() => results(counted).length === 3, "three numbers")
      assert.deepStrictEqual(counted, [
        ["start"],
        ...[1, 2, 3].map((count) => ["result", { data: { count } }] as const)
      ])
      const ticked = observed(socket, "subscription { ticks }")
      await eventually(() => results(ticked).length >= 2, "two ticks")
      assert.strictEqual(server.running(), 1)

      for (const notifier of socket.notifiers) Absinthe.cancel(socket, notifier)
      await eventually(() => server.running() === 0, "the source is returned")
      await eventually(() => socket.notifiers.length === 0, "its unsubscribe is answered")
      const before = results(ticked).length
      await delay(2 * tickMillis)
      assert.strictEqual(results(ticked).length, before)
      assert.deepStrictEqual(ticked.at(-1), ["cancel"])
    })

    it("is denied at the join", async () => {
      const server = await serverOf({ auth: true })
      const told = observed(Absinthe.create(socketOf(client, server).socket), "{ fails }")
      await eventually(() => told.length > 0, "an error")
      assert.strictEqual(told[0]?.[0], "error")
      assert.match(String(told[0]?.[1]), /^channel join/)
    })
  })
}
