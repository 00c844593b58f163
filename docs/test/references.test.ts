/** What the documentation refers to is there: files, headings, tests, and what the code has by name. */
import { assert, describe, it } from "@effect/vitest"
import { NetworkError, ProtocolError } from "@fiberline/client"
import { CloseCode } from "@fiberline/core"
import { documents, exists, read, resolve } from "./support/files.js"

/** Links into the repository, as packages' READMEs have to have them for npm. */
const home =
  /^https:\/\/github\.com\/fiberline\/fiberline(?:\/(?:blob|tree)\/main\/([^#]*))?(?:#(.*))?$/

interface Link {
  readonly file: string
  readonly anchor: string | undefined
}

/** The links of a document that lead into this repository. */
const linksOf = (document: string): ReadonlyArray<Link> =>
  Array.from(withoutCode(read(document)).matchAll(/\]\(([^)\s]+)\)/g), ([, to = ""]) => to)
    .map((to): Link | undefined => {
      const [, path, anchor] = home.exec(to) ?? []
      if (home.test(to)) return { file: path || "README.md", anchor }
      if (/^\w+:/.test(to)) return undefined
      const [file = "", heading] = to.split("#")
      return { file: file === "" ? document : resolve(document, file), anchor: heading }
    })
    .filter((link) => link !== undefined)

const withoutCode = (text: string): string => text.replaceAll(/^```[^]*?^```$/gm, "")

/** What GitHub makes of the headings of a document. */
const anchorsOf = (document: string): ReadonlyArray<string> =>
  Array.from(withoutCode(read(document)).matchAll(/^#+ (.*)$/gm), ([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-")
  )

/** `readme` is how GitHub calls the README below a directory. */
const hasAnchor = ({ anchor, file }: Link): boolean =>
  anchor === undefined || anchor === "readme" || anchorsOf(file).includes(anchor)

describe("the documentation", () => {
  for (const document of documents) {
    it(`${document} links to what is there`, () => {
      for (const link of linksOf(document)) {
        const to = `${link.file}#${link.anchor ?? ""}`
        assert.isTrue(exists(link.file), to)
        assert.isTrue(hasAnchor(link), to)
      }
    })
  }

  it("can be reached, all of it, from the README", () => {
    const reached = new Set(["README.md"])
    for (const document of reached) {
      for (const { file } of linksOf(document)) if (documents.includes(file)) reached.add(file)
    }
    assert.deepStrictEqual(
      documents.filter((document) => !reached.has(document)),
      []
    )
  })
})

/** As in `[Stop](../packages/client/test/Stop.test.ts): “closing twice”`. */
const proof = /\]\(([^)\s]+\.test\.ts)\):\s“([^”]+)”/g

/** Whether a title is in the source of a test, on one line; `…` stands for what differs. */
const hasTitle = (source: string, title: string): boolean =>
  source.split("\n").some((line) => {
    let rest: string | undefined = line
    for (const part of title.split("…")) {
      const at: number = rest.indexOf(part)
      if (at < 0) return false
      rest = rest.slice(at + part.length)
    }
    return true
  })

describe("guarantees", () => {
  const document = "docs/guarantees.md"
  const proofs = Array.from(read(document).matchAll(proof), ([, file = "", title = ""]) => ({
    file: resolve(document, file),
    title: title.replaceAll(/\s+/g, " ")
  }))

  it("name their tests", () => {
    assert.lengthOf(proofs, read(document).split("“").length - 1)
  })

  for (const { file, title } of proofs) {
    it(`are proved by ${file}: ${title}`, () => {
      assert.isTrue(hasTitle(read(file), title))
    })
  }
})

describe("errors", () => {
  const text = read("docs/errors.md")

  /** The cells of the row that begins with a name. */
  const row = (name: string): ReadonlyArray<string> => {
    const line = text.split("\n").find((line) => line.startsWith(`| \`${name}\` `))
    assert.isDefined(line, `there is no row for ${name}`)
    return line.split("|").map((cell) => cell.trim().replaceAll("`", ""))
  }

  for (const reason of NetworkError.Reason.members) {
    const name = reason.identifier.split("/").at(-1) ?? ""
    it(`have the reason ${name} with its retry class`, () => {
      const expected =
        name === "HandshakeRejected" || name === "RequestRejected"
          ? "by status"
          : name === "ServerClosed"
            ? "by code"
            : name === "ServerDisconnected"
              ? "by message"
              : reason.prototype.retry
      assert.strictEqual(row(name)[5], expected)
    })
  }

  it("have every violation", () => {
    for (const violation of ProtocolError.Violation.literals) row(violation)
  })

  it("have every close code that is worth no more than one try", () => {
    for (const retry of ["refresh", "never"] as const) {
      const codes = Array.from(CloseCode.closeCodes.values()).filter((row) => row.retry === retry)
      assert.include(text, `- \`${retry}\`: ${codes.map(({ code }) => code).join(", ")}\n`)
    }
  })
})
