/** P9: queries over HTTP, each with an answer of its own. */
import { type Measurement, meter } from "../measurement.js"
import type { QueryAdapter, QueryClient } from "../queryAdapter.js"
import { first } from "../ticks.js"

/** Asks so many times, and fails unless each answer is that to its own query. */
export const askAll = async (
  client: QueryClient,
  queries: number,
  atOnce: number,
  bytes: number,
  from = 0
): Promise<void> => {
  let asked = 0
  const oneAfterTheOther = async () => {
    while (asked < queries) {
      const key = from + asked++
      const { n } = await client.query({ bytes, key })
      if (n !== first + key) throw new Error(`answer ${n - first} came to query ${key}`)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, queries) }, oneAfterTheOther))
}

export const queries: Measurement<
  { readonly queries: number; readonly atOnce: number; readonly bytes: number },
  QueryAdapter
> = async ({ adapter, url }, { atOnce, bytes, queries }) => {
  const client = await adapter.open(url.replace(/^ws/, "http"))
  // Opens the connections, and has the code compiled.
  const warmUp = Math.ceil(queries / 2)
  await askAll(client, warmUp, atOnce, bytes)
  const read = meter()
  await askAll(client, queries, atOnce, bytes, warmUp)
  const { cpu, wall } = read()
  return { cpu: cpu / queries, wall: wall / queries, rate: (1e6 * queries) / wall }
}
