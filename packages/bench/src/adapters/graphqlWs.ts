/** graphql-ws, by its sink and by its iterator, with the keepalive of its documentation. */
import { createClient, type Client as WsClient } from "graphql-ws"
import { WebSocket } from "ws"
import { type Adapter, type Client, type Settings, slowly } from "../adapter.js"
import { type Data, document, type Tick, type Variables } from "../ticks.js"

type Payload = { readonly data?: unknown } | undefined

// Type boundary: every result holds what the document asks for.
export const tickOf = (payload: Payload): Tick => (payload?.data as Data).tick

/** With the recipe for "ping from client" of its documentation, where a keepalive is asked for. */
export const connect = (url: string, { keepalive }: Settings): WsClient => {
  let silence: NodeJS.Timeout | undefined
  let client: WsClient | undefined = undefined
  client = createClient({
    url,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    ...(keepalive && {
      keepAlive: keepalive.interval,
      on: {
        ping: (received) => {
          if (received) return
          silence = setTimeout(() => client?.terminate(), keepalive.timeout)
        },
        pong: (received) => {
          if (received) clearTimeout(silence)
        },
        closed: () => clearTimeout(silence)
      }
    })
  })
  return client
}

const close = (client: WsClient) => async () => {
  await client.dispose()
}

export const graphqlWsSink: Adapter = {
  open: async (url, settings) => {
    const client = connect(url, settings)
    const subscribe: Client["subscribe"] = (variables, onTick, onEnd) =>
      client.subscribe(
        { query: document, variables: { ...variables } },
        { next: (result) => onTick(tickOf(result)), error: onEnd, complete: () => onEnd() }
      )
    return { subscribe, subscribeSlowly: slowly(subscribe), close: close(client) }
  }
}

export const graphqlWsIterate: Adapter = {
  open: async (url, settings) => {
    const client = connect(url, settings)
    const iterate = (variables: Variables) =>
      client.iterate({ query: document, variables: { ...variables } })
    return {
      subscribe: (variables, onTick, onEnd) => {
        const results = iterate(variables)
        const run = async () => {
          for await (const result of results) onTick(tickOf(result))
        }
        run().then(() => onEnd(), onEnd)
        return () => void results.return?.()
      },
      subscribeSlowly: (variables, onTick, onEnd) => {
        const results = iterate(variables)
        const run = async () => {
          for await (const result of results) await onTick(tickOf(result))
        }
        run().then(() => onEnd(), onEnd)
        return () => void results.return?.()
      },
      close: close(client)
    }
  }
}
