/** P4: subscriptions that begin, get one message, and are completed by the server. */
import type { Client } from "../adapter.js"
import { type Measurement, meter } from "../measurement.js"

const run = (client: Client, operations: number, atOnce: number): Promise<void> =>
  new Promise((resolve, reject) => {
    let begun = 0
    let ended = 0
    let ticks = 0
    const begin = () => {
      client.subscribe(
        { messages: 1, bytes: 100, key: begun++ },
        () => ticks++,
        (error) => {
          if (error !== undefined) reject(error)
          else if (++ended < operations) {
            if (begun < operations) begin()
          } else if (ticks === operations) resolve()
          else reject(new Error(`${ticks} messages for ${operations} operations`))
        }
      )
    }
    for (let i = 0; i < Math.min(atOnce, operations); i++) begin()
  })

export const churn: Measurement<{
  readonly operations: number
  readonly atOnce: number
}> = async ({ adapter, url }, { atOnce, operations }) => {
  const client = await adapter.open(url, {})
  // A subscription that stays keeps the connection for those that come and go.
  client.subscribe(
    { messages: 0, bytes: 100, key: -1 },
    () => {},
    () => {}
  )
  await run(client, Math.ceil(operations / 20), atOnce)
  const read = meter()
  await run(client, operations, atOnce)
  const { cpu, wall } = read()
  return { cpu: cpu / operations, wall: wall / operations }
}
