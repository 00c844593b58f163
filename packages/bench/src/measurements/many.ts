/** P2: many subscriptions on one connection, quiet ones, then a message to each in turn. */
import { heap, type Measurement, meter, within } from "../measurement.js"
import { first } from "../ticks.js"
import { takeAll } from "./flood.js"

export const many: Measurement<{
  readonly subscriptions: number
  readonly each: number
}> = async ({ adapter, control, url }, { each, subscriptions }) => {
  const client = await adapter.open(url, {})
  await takeAll(client, 1, 100, subscriptions)
  const before = await heap()

  let ticks = 0
  let sum = 0
  let ended = 0
  let failure: unknown = undefined
  let whenDelivered = (): void => {}
  let whenEnded = (): void => {}
  const onTick = ({ n }: { readonly n: number }) => {
    sum += n - first
    if (++ticks === subscriptions * each) whenDelivered()
  }
  const onEnd = (error: unknown) => {
    failure = error
    if (++ended === subscriptions) whenEnded()
  }

  const readEstablishing = meter()
  for (let key = 0; key < subscriptions; key++) {
    client.subscribe({ messages: 0, bytes: 100, key }, onTick, onEnd)
  }
  await control.begun(subscriptions + 1)
  const establishing = readEstablishing()
  const after = await heap()

  const readDelivering = meter()
  const delivered = new Promise<void>((resolve) => (whenDelivered = resolve))
  await control.spread(each)
  await delivered
  const delivering = readDelivering()
  if (ended > 0) throw failure
  if (sum !== (subscriptions * each * (each - 1)) / 2) throw new Error("messages were mixed up")

  const allEnded = new Promise<void>((resolve) => (whenEnded = resolve))
  const readLoss = meter()
  await control.kill()
  const isTold = await within(
    10_000,
    allEnded.then(() => true)
  )
  return {
    establishCpu: establishing.cpu / subscriptions,
    establishWall: establishing.wall / subscriptions,
    heap: (after - before) / subscriptions,
    cpu: delivering.cpu / ticks,
    wall: delivering.wall / ticks,
    told: isTold === undefined ? null : readLoss().wall / 1000
  }
}
