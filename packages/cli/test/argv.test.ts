import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import { arrange, distance } from "../src/argv.js"
import { fiberline } from "../src/fiberline.js"
import { subcommandsOf } from "../src/spec.js"

const commands = subcommandsOf(fiberline)

const arranged = (name: string, ...args: ReadonlyArray<string>): ReadonlyArray<string> => {
  const line = Either.getOrThrow(arrange(commands.get(name)!, args))
  assert(line._tag === "Run")
  return line.args
}

const complaint = (name: string, ...args: ReadonlyArray<string>): string => {
  const line = arrange(commands.get(name)!, args)
  assert(Either.isLeft(line))
  return line.left.message
}

describe("a command line", () => {
  it("has its options before its arguments, wherever they stood", () => {
    assert.deepStrictEqual(arranged("query", "url", "-q", "{ a }", "--file", "f"), [
      ...["query", "--quiet", "--file", "f", "--", "url", "{ a }"]
    ])
  })

  it("has each option by its full name, its value apart", () => {
    assert.deepStrictEqual(
      arranged("query", "-HA: b", "-H", "C: d", "--header=E: f=g", "-V", "a:b", "url"),
      [
        ...["query", "--header", "A: b", "--header", "C: d", "--header", "E: f=g"],
        ...["--variable", "a:b", "--", "url"]
      ]
    )
  })

  it("takes what follows two dashes for arguments", () => {
    assert.deepStrictEqual(arranged("query", "-q", "--", "url", "--quiet"), [
      ...["query", "--quiet", "--", "url", "--quiet"]
    ])
  })

  it("takes one dash for an argument, and for a value", () => {
    assert.deepStrictEqual(arranged("query", "url", "-"), ["query", "--", "url", "-"])
    assert.deepStrictEqual(arranged("query", "url", "-f", "-"), [
      "query",
      "--file",
      "-",
      "--",
      "url"
    ])
  })

  it("takes a value that begins with a dash after an equals sign", () => {
    assert.deepStrictEqual(arranged("query", "--variables=-1", "url"), [
      ...["query", "--variables", "-1", "--", "url"]
    ])
  })

  it("helps whatever else it holds", () => {
    for (const args of [["-h"], ["url", "--help"], ["--header", "a:b", "--help", "url"]]) {
      const line = Either.getOrThrow(arrange(commands.get("query")!, args))
      assert.strictEqual(line._tag, "Help")
    }
  })

  const mistakes: ReadonlyArray<readonly [complaint: string, args: ReadonlyArray<string>]> = [
    ["there is no option --wrong", ["--wrong"]],
    ["there is no option --heeder; --header perhaps?", ["--heeder", "a:b"]],
    ["there is no option -x", ["-xhunter22"]],
    ["there is an option that is none", ["--hunter22!"]],
    ["--header needs a value", ["url", "--header"]],
    [
      "--header needs a value; one that begins with a dash is written --header=-…",
      ["--header", "--quiet", "url"]
    ],
    ["--file needs a value", ["--file=", "url"]],
    ["--quiet takes no value", ["--quiet=yes", "url"]],
    ["--file is given more than once", ["-f", "a", "--file", "b", "url"]],
    [
      "--transport must be one of auto, ws, legacy, http, sse, multipart, phoenix, phoenix-v1, actioncable, appsync",
      ["--transport", "carrier", "url"]
    ],
    ["<url> is missing", []],
    [
      "there are 3 arguments, and query takes at most 2; what has spaces needs quotes",
      ["url", "{", "a"]
    ]
  ]
  it.each(mistakes)("complains: %s", (expected, args) => {
    assert.strictEqual(complaint("query", ...args), expected)
  })

  it("complains of what is missing", () => {
    assert.strictEqual(complaint("validate", "a.graphql"), "--schema is missing")
    assert.strictEqual(complaint("validate", "--schema", "s"), "<documents> is missing")
    assert.strictEqual(
      complaint("demo", "now"),
      "there are 1 arguments, and demo takes none; what has spaces needs quotes"
    )
  })

  it("never quotes what may be a secret", () => {
    const secret = "hunter22"
    for (const args of [
      ["url", "-H", "authorization:", "Bearer", secret],
      [`--token=${secret}`],
      [`--quiet=${secret}`],
      [`-${secret}`],
      ["--transport", secret],
      ["url", "{ a }", secret]
    ]) {
      assert.notInclude(complaint("query", ...args), secret)
    }
  })
})

describe("the distance of two words", () => {
  it("is how many letters are to be added, dropped or changed", () => {
    assert.strictEqual(distance("query", "query"), 0)
    assert.strictEqual(distance("query", "qury"), 1)
    assert.strictEqual(distance("kitten", "sitting"), 3)
    assert.strictEqual(distance("", "abc"), 3)
  })
})
