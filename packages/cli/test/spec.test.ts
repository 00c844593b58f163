import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Completion from "../src/completion.js"
import { fiberline } from "../src/fiberline.js"
import { subcommandsOf } from "../src/spec.js"

const commands = subcommandsOf(fiberline)

describe("the specification of the commands", () => {
  it("has a word on each command, argument and option, and it is ours", () => {
    assert.isAtLeast(commands.size, 6)
    for (const command of commands.values()) {
      assert.isNotEmpty(command.examples)
      for (const text of [
        command.about[0],
        ...command.arguments.map(({ description }) => description),
        ...command.options.map(({ description }) => description)
      ]) {
        assert.match(text ?? "", /^\S.*[.:]/)
        assert.notMatch(text ?? "", /This (setting|option|argument)|user-defined|true or false/)
      }
    }
  })

  it("knows what options take", () => {
    const options = commands.get("subscribe")!.options
    const named = (name: string) => options.find(({ names }) => names.includes(name))
    assert.deepInclude(named("-H"), { value: "<Name: value>", isRepeated: true, isOptional: true })
    assert.deepInclude(named("--transport"), {
      choices: [
        ...["auto", "ws", "legacy", "http", "sse", "multipart"],
        ...["phoenix", "phoenix-v1", "actioncable", "appsync"]
      ],
      isRepeated: false
    })
    assert.isUndefined(named("--quiet")?.value)
    const schema = commands.get("validate")!.options.find(({ names }) => names.includes("--schema"))
    assert.isFalse(schema?.isOptional)
  })

  it("says by what AppSync knows who asks, wherever there is a transport", () => {
    for (const { name, options } of commands.values()) {
      const has = (option: string) => options.some(({ names }) => names.includes(option))
      const takes = ["--transport", "--api-key", "--jwt"].map(has)
      assert.deepStrictEqual(takes, Array(3).fill(name !== "demo"), name)
      const key = options.find(({ names }) => names.includes("--api-key"))
      if (key) assert.include(key.description, "AWS_SECRET_ACCESS_KEY")
      const transport = options.find(({ names }) => names.includes("--transport"))
      if (transport) assert.include(transport.description, "/socket/websocket")
    }
    const ofDoctor = commands.get("doctor")!.options
    const { choices } = ofDoctor.find(({ names }) => names.includes("--transport"))!
    assert.notIncludeMembers(Array.from(choices), ["http", "sse", "multipart"])
    assert.include(choices, "actioncable")
  })

  it("knows what arguments there are", () => {
    const [url, document] = commands.get("query")!.arguments
    assert.deepInclude(url, { name: "<url>", isOptional: false, isRepeated: false })
    assert.deepInclude(document, { name: "<document>", isOptional: true })
    assert.deepInclude(commands.get("validate")!.arguments[0], { isRepeated: true })
  })
})

describe("completion scripts", () => {
  const script = (shell: string) => Either.getOrThrow(Completion.script(shell, commands.values()))

  it("name every command and every option, in every shell", () => {
    for (const shell of ["bash", "zsh", "fish"]) {
      const text = script(shell)
      for (const { name, options } of commands.values()) {
        assert.include(text, name)
        for (const option of options) {
          const long = option.names.at(-1) ?? ""
          assert.include(text, shell === "fish" ? `-l ${long.slice(2)}` : long)
        }
      }
    }
  })

  it("quote what the shell would take for its own", () => {
    const odd = [
      {
        name: "odd",
        about: ["It's [odd]: $(rm)"],
        examples: [],
        arguments: [],
        options: [
          {
            names: ["--why"],
            value: undefined,
            choices: [],
            isOptional: true,
            isRepeated: false,
            description: "Can't [be]: `x`"
          }
        ]
      }
    ]
    const of = (shell: string) => Either.getOrThrow(Completion.script(shell, odd))
    assert.include(of("zsh"), `'odd:It'\\''s \\[odd\\]\\: $(rm)'`)
    assert.include(of("zsh"), `'(--why)--why[Can'\\''t \\[be\\]\\: \`x\`]'`)
    assert.include(of("fish"), `-a odd -d 'It\\'s [odd]: $(rm)'`)
  })

  it("are for the shells that there are", () => {
    for (const shell of [undefined, "tcsh"]) {
      assert.isTrue(Either.isLeft(Completion.script(shell, commands.values())))
    }
  })
})
