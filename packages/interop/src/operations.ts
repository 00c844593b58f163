/** The operations of the schema, typed. */
import * as Operation from "@fiberline/client/Operation"
import * as Upload from "@fiberline/client/Upload"
import * as Schema from "effect/Schema"

export const Hello = Operation.query("query ($name: String!) { hello(name: $name) }", {
  variables: Schema.Struct({ name: Schema.String }),
  data: Schema.Struct({ hello: Schema.String })
})

export const Fails = Operation.query("query { fails }", {
  data: Schema.Struct({ fails: Schema.NullOr(Schema.String) })
})

/** What is asked for at once, and what may come later. */
const user = Schema.Struct({
  name: Schema.String,
  tags: Schema.Array(Schema.String),
  biography: Schema.optional(Schema.String)
})

export const InPieces = Operation.query(
  "query { user { name tags @stream(initialCount: 1) ... @defer { biography } } }",
  { data: Schema.Struct({ user }) }
)

export const Nonsense = Operation.query("query { nonsense }", { data: Schema.Unknown })

export const Bump = Operation.mutation("mutation ($by: Int!) { bump(by: $by) }", {
  variables: Schema.Struct({ by: Schema.Int }),
  data: Schema.Struct({ bump: Schema.Int })
})

/** What came of a file: its name, and what it holds. */
export const Receive = Operation.mutation("mutation ($file: Upload!) { receive(file: $file) }", {
  variables: Schema.Struct({ file: Schema.Union(Schema.instanceOf(Blob), Upload.Upload) }),
  data: Schema.Struct({ receive: Schema.String })
})

export const Count = Operation.subscription("subscription ($to: Int!) { count(to: $to) }", {
  variables: Schema.Struct({ to: Schema.Int }),
  data: Schema.Struct({ count: Schema.Int })
})

export const Ticks = Operation.subscription("subscription { ticks }", {
  data: Schema.Struct({ ticks: Schema.Int })
})

export const StreamOfNonsense = Operation.subscription("subscription { nonsense }", {
  data: Schema.Unknown
})
