/**
 * The code that is generated for real schemas is kept beside their documents, for anybody to read and for
 * the compiler to check. `UPDATE_GENERATED=1` writes it.
 */
import { assert, describe, it } from "@effect/vitest"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { generated, names, root } from "./support/corpora.js"

const isUpdate = process.env.UPDATE_GENERATED === "1"

describe("generated code", () => {
  for (const name of names) {
    it(`of ${name} is what is kept`, async () => {
      for (const [path, content] of await generated(name)) {
        const file = join(root, path)
        if (isUpdate) writeFileSync(file, content)
        assert.strictEqual(existsSync(file) ? readFileSync(file, "utf8") : "", content, path)
      }
    })
  }
})
