import { boundaryOf, MultipartMixed } from "@fiberline/core/MultipartMixed"
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import { body, boundary, byteByByte, bytesOf, cut, fractions, read } from "./support/multipart.js"

const whole = (text: string, maxPartSize?: number) => read("b", [bytesOf(text)], maxPartSize)

const bodies = (text: string) => whole(text).parts.map(({ body }) => body)

const json = "content-type: application/json\r\n\r\n"

/** What each of the pushes completes. */
const completed = (boundary: string, ...texts: ReadonlyArray<string>) => {
  const multipart = new MultipartMixed(boundary, Infinity)
  return texts.map((text) => {
    const pushed = multipart.push(bytesOf(text))
    return "_tag" in pushed ? pushed.detail : pushed.map(({ body }) => body)
  })
}

describe("the boundary", () => {
  it.each<readonly [string, string | undefined]>([
    ["multipart/mixed; boundary=graphql", "graphql"],
    [`multipart/mixed; boundary="graphql"`, "graphql"],
    [`multipart/mixed;boundary="graphql";subscriptionSpec=1.0`, "graphql"],
    ["multipart/mixed;subscriptionSpec=1.0;boundary=graphql", "graphql"],
    ["multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json", "graphql"],
    ["multipart/mixed;boundary=graphql,application/json", "graphql"],
    [`multipart/mixed; deferSpec=20220824; boundary="-"`, "-"],
    ["Multipart/Mixed ; Boundary = graphql ; a=b", "graphql"],
    [`multipart/mixed; a="; boundary=b"; boundary=c`, "c"],
    [`multipart/mixed; a="\\"; boundary=b"; boundary=c`, "c"],
    [`multipart/mixed; boundary="a\\"b c;d,e"`, `a"b c;d,e`],
    [`multipart/mixed; boundary="=_Part:1?"`, "=_Part:1?"],
    ["multipart/mixed; boundary=GraphQL", "GraphQL"],
    ["multipart/mixed; boundary=a; boundary=b", "a"],
    ["multipart/mixed; xboundary=a", "-"],
    ["multipart/mixed", "-"],
    [" multipart/mixed ", "-"],
    ["multipart/mixed;", "-"],
    [`multipart/mixed; boundary=""`, "-"],
    ["multipart/mixed; boundary=", "-"],
    ["multipart/form-data; boundary=a", undefined],
    ["multipart/mixedup; boundary=a", undefined],
    ["application/json; a=multipart/mixed", undefined],
    ["text/event-stream", undefined],
    ["", undefined]
  ])("of %s is %s", (contentType, boundary) => {
    assert.strictEqual(boundaryOf(contentType), boundary)
  })

  it("is found again, quoted, whatever else is declared", () => {
    fc.assert(
      fc.property(boundary, fc.stringMatching(/^[a-zA-Z0-9.]*$/), (boundary, value) => {
        const quoted = `multipart/mixed; a=${value}; boundary="${boundary}"; b="${value}"`
        assert.strictEqual(boundaryOf(quoted), boundary)
      })
    )
  })

  it("is looked for in good time", { timeout: 5_000 }, () => {
    for (const filler of [" ", ";", ";a", ";a=", `;a="`, `;a="\\`, "=", ";  a  ", `"`]) {
      boundaryOf(`multipart/mixed;${filler.repeat(100_000)}`)
    }
  })
})

describe("a body", () => {
  it("has the same parts however it is cut", () => {
    fc.assert(
      fc.property(body, fractions, ({ boundary, isClosed, parts, text }, fractions) => {
        const expected = { parts, isClosed, malformed: undefined }
        assert.deepEqual(read(boundary, [bytesOf(text)]), expected)
        assert.deepEqual(read(boundary, cut(bytesOf(text), fractions)), expected)
        assert.deepEqual(read(boundary, byteByByte(bytesOf(text))), expected)
      }),
      { numRuns: 500 }
    )
  })

  it("is open until the second hyphen of its closing boundary", () => {
    fc.assert(
      fc.property(body, ({ boundary, isClosed, text }) => {
        const multipart = new MultipartMixed(boundary, Infinity)
        const bytes = bytesOf(text)
        const end = bytes.findIndex((byte) => {
          multipart.push(Uint8Array.of(byte))
          return multipart.isClosed
        })
        assert.strictEqual(end !== -1, isClosed)
        if (isClosed) {
          const read = new TextDecoder().decode(bytes.subarray(0, end + 1))
          assert.isTrue(read.endsWith(`--${boundary}--`))
        }
      })
    )
  })

  it("of any bytes whatever has one meaning, however it is cut, and throws nothing", () => {
    const piece = fc.oneof(
      fc.constantFrom("\r\n--b", "\n--b", "--b", "--", "-", "\r\n", "\n", "\r", " ", "a:b", ":"),
      fc.constantFrom(json, "{", "}", `"`, "\\", `{"a":"}"}`, "[]", "é"),
      fc.fullUnicodeString({ maxLength: 3 })
    )
    const pieces = fc.array(
      fc.oneof(
        { weight: 9, arbitrary: piece.map(bytesOf) },
        { weight: 1, arbitrary: fc.uint8Array({ maxLength: 4 }) }
      ),
      { maxLength: 20 }
    )
    const garbage = pieces.map((pieces) => Uint8Array.from(pieces.flatMap((piece) => [...piece])))
    fc.assert(
      fc.property(garbage, fractions, fc.constantFrom(0, 3, 30), (bytes, fractions, size) => {
        const once = read("b", [bytes.slice()], size)
        assert.deepEqual(read("b", cut(bytes, fractions), size), once)
        assert.deepEqual(read("b", byteByByte(bytes), size), once)
      }),
      { numRuns: 3_000 }
    )
  })

  it("may be empty, or all preamble", () => {
    const nothing = { parts: [], isClosed: false, malformed: undefined }
    for (const text of ["", "\r\n", "{}", "-", "--", "hello\n-", " --b\r\n", "-b--"]) {
      assert.deepEqual(whole(text), nothing)
    }
  })

  it("may be closed with its first boundary", () => {
    assert.deepEqual(whole("--b--"), { parts: [], isClosed: true, malformed: undefined })
  })

  it(
    "is read in good time, byte by byte or at once, whatever is in it",
    { timeout: 20_000 },
    () => {
      const length = 50_000
      for (const filler of ["a", "\n", "\r\n", "\r", "\n--", "\r\n--graphq", " ", `"`, "{", "\\"]) {
        const text = filler.repeat(length / filler.length)
        const parts = [
          text,
          `--graphql${text}`,
          `--graphql\n\n${text}`,
          `--graphql\n${json}${text}`
        ]
        for (const bytes of [...parts, `--graphql\n${json}{}${text}`].map(bytesOf)) {
          read("graphql", byteByByte(bytes))
          read("graphql", [bytes])
        }
      }
    }
  )
})

describe("a part", () => {
  it("is complete with its delimiter's last character", () => {
    const texts = ["\r\n--g\r\n\r\none", "\r\n--", "g", "\r\n", "\r\ntwo\r\n--g", "--", "\r\n"]
    assert.deepEqual(completed("g", ...texts), [[], [], ["one"], [], ["two"], [], []])
  })

  it("of JSON is complete with its last bracket", () => {
    const texts = [
      `--g\r\n${json}`,
      ` {"a":"}\\"]`,
      `"}`,
      "\r\n",
      "--g",
      `\r\n${json}[{}`,
      "]",
      "\n"
    ]
    assert.deepEqual(completed("g", ...texts), [
      [],
      [],
      [` {"a":"}\\"]"}`],
      [],
      [],
      [],
      ["[{}]"],
      []
    ])
  })

  it("of JSON that is neither object nor array, or is not whole, ends at its delimiter", () => {
    for (const body of ["1", "null", `"{}"`, "a{}", `{"a":`, `{"a`, "[{}", "}{}", ""]) {
      assert.deepEqual(bodies(`--b\r\n${json}${body}\r\n--b`), [body])
    }
  })

  it("of anything else is never taken for JSON", () => {
    for (const header of ["", "content-type: text/plain\n", "content-type: application/jsonl\n"]) {
      assert.deepEqual(bodies(`--b\n${header}\n{}`), [])
      assert.deepEqual(bodies(`--b\n${header}\n{} {}\n\n--b`), ["{} {}\n"])
    }
  })

  it("ignores the length that it declares", () => {
    assert.deepEqual(bodies("--b\ncontent-length: 1\n\nfour\n--b"), ["four"])
    assert.deepEqual(bodies("--b\ncontent-length: 9\n\nfour\n--b"), ["four"])
  })

  it("may lack headers, a body, and even an empty line", () => {
    assert.deepEqual(bodies("--b\n\nx\n--b"), ["x"])
    assert.deepEqual(bodies("--b\n\n\n--b"), [""])
    assert.deepEqual(bodies("--b\n\n--b"), [""])
    assert.deepEqual(bodies("--b\n--b"), [""])
    assert.deepEqual(whole("--b\r\na: b\r\n--b").parts, [{ headers: { a: "b" }, body: "" }])
  })

  it("keeps all its lines but the end of the last", () => {
    assert.deepEqual(bodies("--b\n\n\n\nx\r\n\n\n--b"), ["\n\nx\r\n\n"])
    assert.deepEqual(bodies("--b\r\n\r\nx\r\n\r\n--b"), ["x\r\n"])
  })

  it("keeps a byte order mark, and has any character", () => {
    assert.deepEqual(bodies("--b\n\n\ufeff☃\u{1f600}\0\n--b"), ["\ufeff☃\u{1f600}\0"])
  })

  it("has its headers by their names in lower case", () => {
    const text =
      "--b\r\nContent-Type:text/plain\r\nX-A :  one: two \r\nx-a: 3\r\n\t4\r\n\r\n\r\n--b"
    assert.deepEqual(whole(text).parts, [
      { headers: { "content-type": "text/plain", "x-a": "one: two, 3 4" }, body: "" }
    ])
  })

  it("has a header named __proto__ like any other", () => {
    const headers = whole("--b\n__proto__: a\n\n\n--b").parts[0]?.headers
    assert.deepEqual(Object.entries(headers ?? {}), [["__proto__", "a"]])
  })
})

describe("a body is malformed", () => {
  const stray = "something after a boundary in its line"
  const header = "a line among a part's headers that is none"
  const large = "a part that is too large"

  it.each<readonly [string, string]>([
    ["--bc\r\n\r\nx\r\n--b", stray],
    ["--b-\r\n", stray],
    ["--b --\r\n", stray],
    ["--b \r \n", stray],
    ["--b\nhello\n\n", header],
    ["--b\n: a\n\n", header],
    ["--b\na b: c\n\n", header],
    ["--b\n a: b\n\n", header],
    [`--b\n{"data":1}\n--b`, header],
    [`--b\n${json}{}x\n--b`, "something after the JSON of a part"],
    [`--b\n${json}{}--b`, "something after the JSON of a part"],
    [`--b\n${json}{}\n{}\n--b`, "something after the JSON of a part"]
  ])("by %j", (text, malformed) => {
    assert.deepEqual(whole(text).malformed, malformed)
    assert.deepEqual(read("b", byteByByte(bytesOf(text))).malformed, malformed)
  })

  it("by text or headers that are not UTF-8", () => {
    const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0))
    const text = "a part whose text is not UTF-8"
    assert.strictEqual(read("b", [bytes("--b\n\n\xff\n--b")]).malformed, text)
    assert.strictEqual(read("b", [bytes("--b\n\n\xe2\x98\n--b")]).malformed, text)
    assert.strictEqual(read("b", [bytes(`--b\n${json}{"\xff"}`)]).malformed, text)
    assert.strictEqual(read("b", [bytes("--b\na: \xff\n\n")]).malformed, header)
  })

  it("by a part that is larger than allowed, to the byte", () => {
    for (const [limit, most, more] of [
      [6, "--b\n\nsn☃w\r\n--b", "--b\n\nsn☃ow\r\n--b"],
      [6, "--b\n\nsn☃w\r", "--b\n\nsn☃ow\r"],
      [7, "--b\n\n12345\r\n\r\n--b", "--b\n\n123456\r\n\r\n--b"],
      [7, "--b\na:1234\n\n", "--b\na:12345\n\n"],
      [40, `--b\n${json}{"a":${"1".repeat(34)}}\n`, `--b\n${json}{"a":${"1".repeat(35)}}\n`],
      [40, `--b\n${json}${"{".padEnd(40)}\n--b`, `--b\n${json}${"{".padEnd(41)}\n--b`]
    ] as const) {
      const cuts = (text: string) => [[bytesOf(text)], byteByByte(bytesOf(text))]
      for (const chunks of cuts(most)) assert.isUndefined(read("b", chunks, limit).malformed, most)
      for (const chunks of cuts(more)) assert.strictEqual(read("b", chunks, limit).malformed, large)
    }
  })

  it("by a part that never ends, as soon as it is too large", () => {
    assert.strictEqual(whole(`--b\n\n${"x".repeat(11)}`, 10).malformed, large)
    assert.strictEqual(whole(`--b\n${"x".repeat(11)}`, 10).malformed, large)
  })

  it("which says whether it was too large", () => {
    for (const [text, isTooLarge] of [
      ["--b\n\nsnow\n--b", false],
      ["--bc\n", false],
      [`--b\n\n${"x".repeat(11)}`, true]
    ] as const) {
      const multipart = new MultipartMixed("b", 10)
      multipart.push(bytesOf(text))
      assert.strictEqual(multipart.isTooLarge, isTooLarge)
    }
  })

  it("but what came before is given first, and once", () => {
    const multipart = new MultipartMixed("b", Infinity)
    assert.deepEqual(multipart.push(bytesOf("--b\n\none\n--b\nnone\n\n")), [
      { headers: {}, body: "one" }
    ])
    const malformed = { _tag: "Malformed", detail: header } as const
    assert.deepEqual(multipart.malformed, malformed)
    assert.deepEqual(multipart.push(bytesOf("")), malformed)
    assert.deepEqual(multipart.push(bytesOf("\n\n--b--")), malformed)
    assert.isFalse(multipart.isClosed)
  })
})

describe("a server's way of writing", () => {
  const parts = [
    { headers: { "content-type": "application/json" }, body: "{}" },
    { headers: { "content-type": "application/json" }, body: `{"payload":{}}` }
  ]

  it("the delimiter with the part, its line's end with the next", () => {
    const head = "\r\ncontent-type: application/json\r\n\r\n"
    const texts = [`\r\n--g${head}{}\r\n--g`, `${head}{"payload":{}}\r\n--g`, "--\r\n"]
    assert.deepEqual(completed("g", ...texts), [["{}"], [`{"payload":{}}`], []])
    assert.deepEqual(read("g", texts.map(bytesOf)), { parts, isClosed: true, malformed: undefined })
  })

  it.each([
    ["the delimiter with the next part", "--g\r\nContent-Type: application/json\r\n\r\n", "\r\n"],
    ["a line end more than it needs", "\r\n--g\r\nContent-Type: application/json\r\n\r\n", "\n"],
    ["line feeds only", "--g\nContent-Type: application/json\n\n", "\n"]
  ])("%s", (_, head, tail) => {
    const texts = [`${head}{}${tail}`, `${head}{"payload":{}}${tail}`, `--g--${tail}`]
    assert.deepEqual(completed("g", ...texts), [["{}"], [`{"payload":{}}`], []])
    assert.deepEqual(read("g", texts.map(bytesOf)), { parts, isClosed: true, malformed: undefined })
  })

  it("a boundary of one hyphen", () => {
    const head = "\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n"
    const texts = ["\r\n", "---", `${head}{}\r\n`, "---", "--\r\n"]
    assert.deepEqual(completed("-", ...texts), [[], [], ["{}"], [], []])
    assert.isTrue(read("-", texts.map(bytesOf)).isClosed)
  })
})
