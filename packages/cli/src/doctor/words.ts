/** Numbers in words. */

/** A duration that was chosen: `15 s`, `2 min`, `250 ms`. */
export const duration = (ms: number): string => {
  if (ms >= 60_000 && ms % 60_000 === 0) return `${ms / 60_000} min`
  if (ms >= 1000) return `${trim(ms / 1000)} s`
  return `${trim(ms)} ms`
}

/** A duration that was measured: three digits or so. */
export const measured = (ms: number): string =>
  ms >= 9_995
    ? `${(ms / 1000).toFixed(1)} s`
    : ms >= 999.5
      ? `${(ms / 1000).toFixed(2)} s`
      : `${ms.toFixed(1)} ms`

const trim = (value: number): string => String(Number(value.toFixed(2)))

/** As options are written: `20s`, `1500ms`. */
export const short = (ms: number): string => (ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`)

/** As Effect writes durations: `20 seconds`. */
export const long = (ms: number): string =>
  ms === 1000 ? "1 second" : ms % 1000 === 0 ? `${ms / 1000} seconds` : `${ms} millis`
