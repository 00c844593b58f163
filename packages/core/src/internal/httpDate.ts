/**
 * The dates of HTTP, without a `Date`.
 *
 * Source: RFC 9110 section 5.6.7, whose obsolete forms a recipient must read too.
 */

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
const short = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
const long = "(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
const month = `(?<month>${months.join("|")})`
const time = "(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)"

const forms = [
  // Sun, 06 Nov 1994 08:49:37 GMT
  new RegExp(`^${short}, (?<day>\\d\\d) ${month} (?<year>\\d{4}) ${time} GMT$`),
  // Sunday, 06-Nov-94 08:49:37 GMT
  new RegExp(`^${long}, (?<day>\\d\\d)-${month}-(?<year>\\d\\d) ${time} GMT$`),
  // Sun Nov  6 08:49:37 1994
  new RegExp(`^${short} ${month} (?<day>[ \\d]\\d) ${time} (?<year>\\d{4})$`)
]

/** Milliseconds since 1970, `undefined` for what is no date. `now` says which century is meant. */
export const parseHttpDate = (text: string, now: number): number | undefined => {
  for (const form of forms) {
    const fields = form.exec(text)?.groups
    if (fields === undefined) continue
    const number = (name: string) => Number(fields[name])
    const year = fields.year?.length === 2 ? fullYear(number("year"), now) : number("year")
    const month = months.indexOf(fields.month ?? "") + 1
    const [day, hour, minute, second] = [
      number("day"),
      number("hour"),
      number("minute"),
      number("second")
    ]
    // 60 is a leap second.
    const exists =
      day >= 1 && day <= daysIn(year, month) && hour <= 23 && minute <= 59 && second <= 60
    return exists
      ? (((daysBefore(year, month) + day - 1) * 24 + hour) * 60 + minute) * 60_000 + second * 1000
      : undefined
  }
  return undefined
}

/** The latest year with these two digits that is not more than 50 years ahead. */
const fullYear = (digits: number, now: number): number => {
  // To the day does not matter: no server means a date half a century away.
  const latest = Math.floor(1970 + now / (365.2425 * 24 * 3_600_000)) + 50
  return latest - ((((latest - digits) % 100) + 100) % 100)
}

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0

const daysIn = (year: number, month: number): number =>
  month === 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31

/** Days from the beginning of 1970 to that of the month. */
const daysBefore = (year: number, month: number): number => {
  const leapYears = (before: number) =>
    Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400)
  let days = (year - 1970) * 365 + leapYears(year - 1) - leapYears(1969)
  for (let earlier = 1; earlier < month; earlier++) days += daysIn(year, earlier)
  return days
}
