import type { Retry } from "@fiberline/core/CloseCode"
import { retryOf } from "@fiberline/core/UpgradeStatus"
import { assert, describe, it } from "vitest"

describe("an upgrade refused with", () => {
  it.each<readonly [Retry, ReadonlyArray<number>, string]>([
    ["refresh", [401, 403, 407], "credentials that fresh ones may replace"],
    ["backoff", [408, 425, 429], "a trouble of the moment"],
    ["backoff", [500, 501, 502, 503, 504, 521, 530, 599], "a trouble of the server's"],
    ["backoff", [200, 204, 299], "a proxy's page, while the server is away"],
    ["never", [400, 404, 405, 406, 410, 411, 413, 415, 421, 422, 426, 431, 451], "a no that stays"],
    ["never", [300, 301, 302, 303, 307, 308], "a redirect, which a WebSocket does not follow"]
  ])("%s for %j: %s", (retry, statuses) => {
    for (const status of statuses) assert.strictEqual(retryOf(status), retry, `${status}`)
  })

  it("any status of 5xx is tried again", () => {
    for (let status = 500; status <= 599; status++) {
      assert.strictEqual(retryOf(status), "backoff", `${status}`)
    }
  })

  it.each([0, -1, 99, 600, 1000, 200.5, NaN, Infinity, -Infinity])(
    "what is no status at all, such as %d, is tried again",
    (status) => {
      assert.strictEqual(retryOf(status), "backoff")
    }
  )
})
