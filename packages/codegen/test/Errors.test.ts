/** Where something is, in files of documents and in templates. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { parse, Source } from "graphql"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { failure, placeOf } from "../src/errors.js"

const directory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "fiberline-errors-"))),
  (path) =>
    Effect.sync(() => {
      rmSync(path, { recursive: true })
    })
)

/** The place of the first operation in a document, as Code Generator has parsed it. */
const place = (body: string, file: string) => {
  const [first] = parse(new Source(body, file)).definitions
  const { column, line } = placeOf(first!.loc!)
  return [line, column]
}

it.scopedLive("is that in the file", () =>
  Effect.gen(function* () {
    const file = join(yield* directory, "page.ts")
    writeFileSync(
      file,
      [
        "const a = gql`query A { a }`",
        "const b = gql`",
        "  # \\`b\\`",
        "  ${Parts}",
        "  query B { b }",
        "`"
      ].join("\n")
    )
    assert.deepStrictEqual(place("query A { a }", file), [1, 15])
    // What is interpolated is gone, and so are the escapes.
    assert.deepStrictEqual(place("\n  # `b`\n  \n  query B { b }\n", file), [5, 3])
  })
)

it("is that in the document, where there is no such file", () => {
  assert.deepStrictEqual(place("\n query A { a }", "none.graphql"), [2, 2])
})

it("is in the message of an error, once for each of its places", () => {
  const document = parse(new Source("query A { a }\nquery B { b }", "none.graphql"))
  const error = failure([
    { message: "One.", nodes: document.definitions },
    { message: "Two.", nodes: [undefined] }
  ])
  assert.strictEqual(
    error.message,
    [
      "One.",
      "none.graphql:1:1\n1 | query A { a }\n  | ^\n2 | query B { b }",
      "none.graphql:2:1\n1 | query A { a }\n2 | query B { b }\n  | ^",
      "Two."
    ].join("\n\n")
  )
})
