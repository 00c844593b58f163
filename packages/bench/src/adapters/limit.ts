/** The limit: what no client can be cheaper than. `ws`, `JSON.parse`, and a `Map` by id. */
import { WebSocket } from "ws"
import { type Adapter, slowly } from "../adapter.js"
import { type Data, document, type Tick } from "../ticks.js"

interface Message {
  readonly type: string
  readonly id: string
  readonly payload: { readonly data: Data }
}

interface Operation {
  readonly onTick: (tick: Tick) => void
  readonly onEnd: (error?: unknown) => void
}

export const limit: Adapter = {
  open: (url) =>
    new Promise((resolve, reject) => {
      const ws = new WebSocket(url, "graphql-transport-ws", { perMessageDeflate: false })
      const operations = new Map<string, Operation>()
      let lastId = 0
      const subscribe = (
        variables: object,
        onTick: Operation["onTick"],
        onEnd: Operation["onEnd"]
      ) => {
        const id = String(++lastId)
        operations.set(id, { onTick, onEnd })
        ws.send(JSON.stringify({ id, type: "subscribe", payload: { query: document, variables } }))
        return () => {
          if (operations.delete(id)) ws.send(JSON.stringify({ id, type: "complete" }))
        }
      }
      const close = () =>
        new Promise<void>((closed) => {
          ws.on("close", () => closed())
          ws.close(1000)
        })
      ws.on("error", reject)
      ws.on("close", () => {
        const left = Array.from(operations.values())
        operations.clear()
        for (const { onEnd } of left) onEnd(new Error("the connection was lost"))
      })
      ws.on("open", () => ws.send(JSON.stringify({ type: "connection_init" })))
      ws.on("message", (data: Buffer) => {
        const { id, payload, type } = JSON.parse(data.toString()) as Message
        switch (type) {
          case "next":
            return operations.get(id)?.onTick(payload.data.tick)
          case "complete": {
            const operation = operations.get(id)
            operations.delete(id)
            return operation?.onEnd()
          }
          case "connection_ack":
            resolve({ subscribe, subscribeSlowly: slowly(subscribe), close })
        }
      })
    })
}
