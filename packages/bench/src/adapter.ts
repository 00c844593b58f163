/** What a client has to be able to do in order to be measured. One file for each in `adapters/`. */
import type { Tick, Variables } from "./ticks.js"

export interface Settings {
  /** Milliseconds: after how much silence to ask, and how long to wait for the answer. */
  readonly keepalive?: { readonly interval: number; readonly timeout: number } | undefined
}

export interface Adapter {
  readonly open: (url: string, settings: Settings) => Promise<Client>
}

export interface Client {
  /**
   * Begins a subscription, consumed as somebody who uses this client would: `onTick` is called for
   * each message, `onEnd` once, with an error if it was one. Returns how to leave it.
   */
  readonly subscribe: (
    variables: Variables,
    onTick: (tick: Tick) => void,
    onEnd: (error?: unknown) => void
  ) => () => void
  /** The same for a consumer that takes its time: no tick before the last one's promise. */
  readonly subscribeSlowly: (
    variables: Variables,
    onTick: (tick: Tick) => Promise<void>,
    onEnd: (error?: unknown) => void
  ) => () => void
  /** Closes as the client closes. */
  readonly close: () => Promise<void>
}

/**
 * For a client that calls back and does not wait: what has come and not been consumed has to be kept
 * somewhere, and is kept here.
 */
export const slowly =
  (subscribe: Client["subscribe"]): Client["subscribeSlowly"] =>
  (variables, onTick, onEnd) => {
    let waiting: Array<Tick> = []
    let isRunning = false
    const run = async () => {
      isRunning = true
      while (waiting.length > 0) {
        const batch = waiting
        waiting = []
        for (const tick of batch) await onTick(tick)
      }
      isRunning = false
    }
    return subscribe(
      variables,
      (tick) => {
        waiting.push(tick)
        if (!isRunning) void run()
      },
      onEnd
    )
  }
