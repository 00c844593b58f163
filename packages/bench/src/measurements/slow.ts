/** P6: a consumer that takes a millisecond for each message, of a server that sends all it can. */
import { performance } from "node:perf_hooks"
import process from "node:process"
import { heap, type Measurement, pause } from "../measurement.js"
import { takeAll } from "./flood.js"

const longest = 6000

export const slow: Measurement<{
  readonly messages: number
  readonly bytes: number
}> = async ({ adapter, control, url }, { bytes, messages }) => {
  const client = await adapter.open(url, { keepalive: { interval: 1000, timeout: 1000 } })
  await takeAll(client, 1, bytes, 0)
  let failure: unknown = undefined
  let siblings = 0
  let taken = 0
  client.subscribe(
    { messages: 0, bytes: 100, key: 1, every: 100 },
    () => siblings++,
    (error) => (failure ??= error ?? new Error("the sibling ended"))
  )
  await control.begun(2)
  await heap()
  const before = process.memoryUsage.rss()

  client.subscribeSlowly(
    { messages, bytes, key: 2 },
    async () => {
      taken++
      await pause(1)
    },
    (error) => (failure ??= error)
  )
  const begun = performance.now()
  let statistics = await control.statistics()
  while (performance.now() - begun < longest && statistics.sent < messages) {
    await pause(100)
    statistics = await control.statistics()
  }
  // What the kernel holds may still come.
  await pause(1000)
  const seconds = (performance.now() - begun) / 1000
  const { longestStall, sent } = await control.statistics()
  return {
    // The most there ever was, which the operating system counts in KiB.
    peak: Math.max(0, process.resourceUsage().maxRSS * 1024 - before) / 2 ** 20,
    sent: (100 * Math.min(sent, messages)) / messages,
    stall: longestStall,
    siblings: siblings / seconds,
    taken: taken / seconds,
    alive: failure === undefined ? 1 : 0
  }
}
