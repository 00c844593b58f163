/** What is tried with every server, over every transport. */
import { isAppSync, isStreamOnly, type Transport } from "./transport.js"

export const features = [
  "query",
  "mutation",
  "subscription",
  "field error",
  "validation error",
  "unauthorized",
  "denial",
  "restart",
  "black hole",
  "incremental delivery",
  "GET query",
  "persisted query",
  "batching",
  "upload"
] as const
export type Feature = (typeof features)[number]

/** Why a transport has no such thing, if it has not. */
export const whyNotOver = (transport: Transport, feature: Feature): string | undefined => {
  switch (feature) {
    case "query":
    case "mutation":
    case "field error":
      return isStreamOnly(transport) ? "goes by plain HTTP: see that row" : undefined
    case "subscription":
    case "restart":
    case "black hole":
      return transport === "http" ? "a plain HTTP answer is no stream" : undefined
    case "incremental delivery":
      return transport === "multipart" ? "goes by plain HTTP: see that row" : undefined
    case "GET query":
    case "persisted query":
    case "batching":
    case "upload":
      return transport === "http" ? undefined : "is of plain HTTP alone"
    case "denial":
      return isAppSync(transport)
        ? undefined
        : "has credentials for a connection or a request, and none for a subscription"
    case "validation error":
    case "unauthorized":
      return undefined
  }
}
