/** What a client has to be able to do for queries over HTTP to be measured. One file for each in `queries/`. */
import type { Tick } from "./ticks.js"

export interface QueryVariables {
  /** How long the response is, in bytes. */
  readonly bytes: number
  /** Comes back in the answer, and tells queries apart for clients that would send one for the same. */
  readonly key: number
  /** An index signature, for clients that take any variables. */
  readonly [name: string]: number
}

export interface QueryAdapter {
  readonly open: (url: string) => Promise<QueryClient>
}

export interface QueryClient {
  /** Asks as somebody who uses this client would. */
  readonly query: (variables: QueryVariables) => Promise<Tick>
  readonly close: () => Promise<void>
}

export interface QueryData {
  readonly tick: Tick
}

export const queryDocument =
  "query Tick($bytes: Int!, $key: Int!) { tick(bytes: $bytes, key: $key) { n pad } }"
