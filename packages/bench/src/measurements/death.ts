/** P7: the server's process stands still. How soon the subscriber knows, and the socket is gone. */
import { readdirSync, readlinkSync } from "node:fs"
import { performance } from "node:perf_hooks"
import { type Measurement, pause, within } from "../measurement.js"

const longest = 5000

/** How many sockets this process holds, where the operating system says so. */
const sockets = (): number | undefined => {
  try {
    return readdirSync("/proc/self/fd").filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith("socket:")
      } catch {
        // The descriptor with which the directory was read.
        return false
      }
    }).length
  } catch {
    return undefined
  }
}

export const death: Measurement<{
  readonly interval: number
  readonly timeout: number
}> = async ({ adapter, control, url }, keepalive) => {
  const before = sockets()
  const client = await adapter.open(url, { keepalive })
  let last = performance.now()
  let whenEnded = (_error: unknown): void => {}
  const ended = new Promise<unknown>((resolve) => (whenEnded = resolve))
  client.subscribe(
    { messages: 0, bytes: 100, key: 0, every: 50 },
    () => (last = performance.now()),
    (error) => whenEnded(error ?? new Error("it ended"))
  )
  await pause(500)
  await control.freeze()
  const error = await within(longest, ended)
  const noticed = error === undefined ? null : performance.now() - last

  const begun = performance.now()
  let closed: number | null = null
  client.close().then(
    () => (closed = performance.now() - begun),
    () => (closed = performance.now() - begun)
  )
  let gone: number | null = null
  while (performance.now() - begun < longest && (gone === null || closed === null)) {
    if (gone === null && (sockets() ?? Infinity) <= (before ?? 0)) gone = performance.now() - begun
    await pause(5)
  }
  return { noticed, closed, gone }
}
