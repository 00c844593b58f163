import { retryAfter } from "@fiberline/core/GraphQLOverHttp"
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"

const now = Date.UTC(2026, 0, 15, 12)
const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

const second = fc
  .date({
    min: new Date(Date.UTC(1, 0, 1)),
    max: new Date(Date.UTC(9999, 11, 31)),
    noInvalidDate: true
  })
  .map((date) => new Date(Math.floor(date.getTime() / 1000) * 1000))

/** `Sunday, 06-Nov-94 08:49:37 GMT` */
const rfc850 = (date: Date): string => {
  const [, day, month, year = "", time] = date.toUTCString().split(" ")
  return `${days[date.getUTCDay()]}, ${day}-${month}-${year.slice(-2)} ${time} GMT`
}

/** `Sun Nov  6 08:49:37 1994` */
const asctime = (date: Date): string => {
  const [weekday = "", day = "", month, year, time] = date.toUTCString().split(" ")
  return `${weekday.slice(0, 3)} ${month} ${day.replace(/^0/, " ")} ${time} ${year}`
}

describe("Retry-After", () => {
  it("in seconds is as many milliseconds", () => {
    fc.assert(
      fc.property(fc.nat(), (seconds) => {
        assert.strictEqual(retryAfter(`${seconds}`, now), seconds * 1000)
      })
    )
    assert.strictEqual(retryAfter(" 0120\t", now), 120_000)
  })

  it("as a date is the time until then, in each form that a date has", () => {
    const clock = fc.integer({ min: -1e13, max: 1e13 })
    fc.assert(
      fc.property(second, clock, (date, now) => {
        const wait = Math.max(0, date.getTime() - now)
        assert.strictEqual(retryAfter(date.toUTCString(), now), wait)
        assert.strictEqual(retryAfter(asctime(date), now), wait)
      }),
      { numRuns: 1000 }
    )
  })

  it("with a year of two digits means the one that is nearest", () => {
    const near = fc.date({
      min: new Date(Date.UTC(1977, 0, 1)),
      max: new Date(Date.UTC(2075, 11, 31)),
      noInvalidDate: true
    })
    fc.assert(
      fc.property(near, (date) => {
        const wait = Math.max(0, Math.floor(date.getTime() / 1000) * 1000 - now)
        assert.strictEqual(retryAfter(rfc850(date), now), wait)
      })
    )
    assert.strictEqual(
      retryAfter("Wednesday, 01-Jan-76 00:00:00 GMT", now),
      Date.UTC(2076, 0, 1) - now
    )
    // 2077 would be more than 50 years ahead.
    assert.strictEqual(retryAfter("Friday, 01-Jan-77 00:00:00 GMT", now), 0)
  })

  it("is known by the examples of the specification", () => {
    const then = Date.UTC(1994, 10, 6, 8, 49, 37)
    for (const text of [
      "Sun, 06 Nov 1994 08:49:37 GMT",
      "Sunday, 06-Nov-94 08:49:37 GMT",
      "Sun Nov  6 08:49:37 1994"
    ]) {
      assert.strictEqual(retryAfter(text, then - 1500), 1500)
    }
  })

  it.each([
    "Fri, 29 Feb 2036 00:00:00 GMT",
    "Tue, 29 Feb 2400 23:59:59 GMT",
    "Thu, 31 Dec 2026 23:59:60 GMT"
  ])("%s is a date", (text) => {
    assert.isAbove(retryAfter(text, now) ?? 0, 0)
  })

  it.each([
    undefined,
    "",
    " ",
    "-1",
    "+1",
    "1.5",
    "1e3",
    "0x10",
    "1 s",
    "1, 1",
    "soon",
    "9".repeat(400),
    "2026-02-01T00:00:00Z",
    "Sun, 06 Nov 2026",
    "Sun, 06 Nov 2026 08:49:37",
    "Sun, 06 Nov 2026 08:49:37 CET",
    "sun, 06 nov 2026 08:49:37 gmt",
    "Sun, 6 Nov 2026 08:49:37 GMT",
    "Sun, 00 Nov 2026 08:49:37 GMT",
    "Sun, 31 Nov 2026 08:49:37 GMT",
    "Sun, 32 Dec 2026 08:49:37 GMT",
    "Sun, 29 Feb 2027 08:49:37 GMT",
    "Sun, 29 Feb 2100 08:49:37 GMT",
    "Sun, 06 Nov 2026 24:00:00 GMT",
    "Sun, 06 Nov 2026 08:60:00 GMT",
    "Sun, 06 Nov 2026 08:49:61 GMT"
  ])("%j says nothing", (text) => {
    assert.isUndefined(retryAfter(text, now))
  })
})
