/**
 * What the HTTP status of a refused WebSocket upgrade says about trying again.
 *
 * @since 0.1.0
 */
import type { Retry } from "./CloseCode.js"

/**
 * @since 0.1.0
 * @category table
 */
export const retryOf = (status: number): Retry => {
  switch (status) {
    // Missing, expired or insufficient credentials: fresh ones may do.
    case 401:
    case 403:
    case 407:
      return "refresh"
    // Statuses that speak of the moment, not of the request.
    case 408:
    case 425:
    case 429:
      return "backoff"
    default:
      // The rest of 4xx, and a redirect that a WebSocket does not follow, would be the same again;
      // 5xx passes. So does a 2xx: a proxy's answer while the server behind it is away.
      return status >= 300 && status < 500 ? "never" : "backoff"
  }
}
