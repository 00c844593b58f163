/** P3: many connections with one quiet subscription each. */
import type { Client } from "../adapter.js"
import { heap, type Measurement, meter } from "../measurement.js"

export const connections: Measurement<{ readonly count: number }> = async (
  { adapter, control, url },
  { count }
) => {
  const clients: Array<Client> = []
  const connect = async (key: number) => {
    const client = await adapter.open(url, {})
    clients.push(client)
    client.subscribe(
      { messages: 0, bytes: 100, key },
      () => {},
      () => {}
    )
    await control.begun(key + 1)
  }
  await connect(0)
  const before = await heap()
  const read = meter()
  for (let key = 1; key <= count; key++) await connect(key)
  const { cpu } = read()
  const after = await heap()
  return { heap: (after - before) / count, cpu: cpu / count }
}
