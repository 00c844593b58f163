/**
 * What is known to fail for a reason in the server. Each has been looked up there: a cause is a place in
 * its source, or the thread in which its authors speak of it.
 */
import type { Feature } from "./features.js"
import type { Transport } from "./transport.js"

export interface Known {
  readonly name: string
  readonly transport: Transport
  readonly feature: Feature
  readonly cause: string
}

const disposedOnSignal =
  'told to end by SIGTERM, Hive Gateway 2.12 ends every subscription with the error "Unexpected error." ' +
  "and completes it, instead of closing the connection: `disposeOnProcessTerminate: true` in " +
  "`createGatewayRuntime`, @graphql-hive/gateway-runtime 2.12.1, dist/index.js, line 5591"

export const known: ReadonlyArray<Known> = [
  {
    name: "hive-gateway",
    transport: "websocket",
    feature: "restart",
    cause: disposedOnSignal
  },
  { name: "hive-gateway", transport: "sse", feature: "restart", cause: disposedOnSignal }
]

export const knownCause = (
  name: string,
  transport: Transport,
  feature: Feature
): string | undefined =>
  known.find(
    (known) => known.name === name && known.transport === transport && known.feature === feature
  )?.cause
