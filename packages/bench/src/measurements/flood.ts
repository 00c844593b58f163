/** P1, P8: one subscription, as many messages as the connection carries. */
import type { Client } from "../adapter.js"
import { type Measurement, meter } from "../measurement.js"
import { first } from "../ticks.js"

/** Takes so many messages, and fails unless each comes once and in order. */
export const takeAll = (
  client: Client,
  messages: number,
  bytes: number,
  key: number
): Promise<void> =>
  new Promise((resolve, reject) => {
    let next = first
    client.subscribe(
      { messages, bytes, key },
      ({ n }) => {
        if (n !== next) reject(new Error(`message ${n - first} came instead of ${next - first}`))
        next++
      },
      (error) => {
        if (error !== undefined) reject(error)
        else if (next === first + messages) resolve()
        else reject(new Error(`it ended after ${next - first} of ${messages} messages`))
      }
    )
  })

export const flood: Measurement<{
  readonly messages: number
  readonly bytes: number
}> = async ({ adapter, url }, { bytes, messages }) => {
  const client = await adapter.open(url, {})
  // Connects, and has the code compiled, which takes V8 some ten thousand messages of every client.
  await takeAll(client, Math.ceil(messages / 2), bytes, 0)
  const read = meter()
  await takeAll(client, messages, bytes, 1)
  const { cpu, wall } = read()
  return { cpu: cpu / messages, wall: wall / messages }
}
