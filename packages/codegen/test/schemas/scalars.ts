/** What the custom scalars of the schemas here are mapped to. */
import * as Schema from "effect/Schema"

export const Uri = Schema.String.pipe(Schema.brand("Uri"))

/** So many seconds, and a number in TypeScript. */
export const Duration = Schema.transform(
  Schema.String.pipe(Schema.pattern(/^PT\d+S$/)),
  Schema.Int,
  {
    strict: true,
    decode: (text) => Number(text.slice(2, -1)),
    encode: (seconds) => `PT${String(Math.abs(seconds))}S`
  }
).pipe(Schema.nonNegative())
