/**
 * What `docs/protocol.md` and `docs/subprotocols.md` say is what the code does. The parts between `<!-- generated: … -->` and
 * `<!-- /generated -->` are written by UPDATE_DOCS=1; of the rest it is checked that nothing is missing.
 */
import { assert, describe, it } from "@effect/vitest"
import {
  AppSync,
  CloseCode,
  ConnectionState,
  GraphQLTransportWs,
  OperationState,
  SubscriptionsTransportWs,
  UpgradeStatus
} from "@fiberline/core"
import type { Message } from "@fiberline/core"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { read, root } from "./support/files.js"

const document = "docs/protocol.md"
const others = "docs/subprotocols.md"
const isUpdate = process.env.UPDATE_DOCS === "1"

// -- what is generated ------------------------------------------------------------------------------

/** A table as Prettier writes it. */
const table = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(3, ...rows.map((row) => row[column]?.length ?? 0))
  )
  const line = (cells: ReadonlyArray<string>) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`
  const [head = [], ...body] = rows
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n")
}

/** In the order in which they are read: what the peer sends, what the socket, a clock and we do. */
const events: ReadonlyArray<ConnectionState.ConnectionEvent> = [
  "ConnectionAck",
  "ConnectionError",
  "Disconnected",
  "KeepAlive",
  "Ping",
  "Pong",
  "Established",
  "Next",
  "Result",
  "OperationFailed",
  "Complete",
  "Rejected",
  "SocketOpened",
  "SocketEnded",
  "ConnectTimedOut",
  "AckTimedOut",
  "KeepaliveTimedOut",
  "CloseTimedOut",
  "InitSent",
  "OptionFailed",
  "CloseRequested"
]

const transitions = Object.entries(ConnectionState.transitions)

const cell = (state: string, { action, to }: ConnectionState.Transition): string =>
  action === "Impossible"
    ? ""
    : action === "Ignore"
      ? "–"
      : to === state
        ? action
        : `${action} → ${to}`

const transitionTable = (): string =>
  table([
    ["Event", ...transitions.map(([state]) => `\`${state}\``)],
    ...events.map((event) => [
      `\`${event}\``,
      ...transitions.map(([state, row]) => cell(state, row[event]))
    ])
  ])

const closeCodeTable = (): string => {
  const row = (code: string, { fault, meaning, name, retry }: CloseCode.CloseCode) => [
    code,
    name,
    meaning,
    fault,
    `\`${retry}\``
  ]
  return table([
    ["Code", "Name", "Meaning", "Fault", "Retry"],
    ...Array.from(CloseCode.closeCodes, ([code, known]) => row(`${code}`, known)),
    row("other 3xxx", CloseCode.describe(3999)),
    row("other 4xxx", CloseCode.describe(4999)),
    row("any other", CloseCode.describe(0))
  ])
}

/** `401, 403, 500–599` */
const ranges = (numbers: ReadonlyArray<number>): string => {
  const runs: Array<[from: number, to: number]> = []
  for (const number of numbers) {
    const last = runs.at(-1)
    if (last?.[1] === number - 1) last[1] = number
    else runs.push([number, number])
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(", ")
}

const upgradeStatusTable = (): string => {
  const statuses = Array.from({ length: 500 }, (_, index) => 100 + index)
  const row = (retry: CloseCode.Retry) => [
    `\`${retry}\``,
    ranges(statuses.filter((status) => UpgradeStatus.retryOf(status) === retry))
  ]
  return table([["Retry", "Statuses"], row("refresh"), row("backoff"), row("never")])
}

const diagram = (text: string): string => `\`\`\`mermaid\n${text}\`\`\``

const generated: { readonly [document: string]: { readonly [name: string]: () => string } } = {
  [document]: {
    "state-diagram": () => diagram(ConnectionState.toMermaid()),
    transitions: transitionTable,
    "close-codes": closeCodeTable,
    "upgrade-statuses": upgradeStatusTable
  },
  [others]: { "operation-diagram": () => diagram(OperationState.toMermaid()) }
}

const part = /<!-- generated: (\S+) -->\n[^]*?<!-- \/generated -->/g

const regenerate = (document: string): string =>
  read(document).replaceAll(part, (_, name: string) => {
    const write = generated[document]?.[name]
    assert.isDefined(write, `nothing generates ${name}`)
    return `<!-- generated: ${name} -->\n\n${write()}\n\n<!-- /generated -->`
  })

describe.each(Object.keys(generated))("the generated parts of %s", (document) => {
  it("are all there", () => {
    const names = Array.from(read(document).matchAll(part), ([, name]) => name)
    assert.deepStrictEqual(names, Object.keys(generated[document] ?? {}))
  })

  it("are what the code says", () => {
    const text = read(document)
    const updated = regenerate(document)
    if (isUpdate && updated !== text) writeFileSync(join(root, document), updated)
    else
      assert.strictEqual(text, updated, "UPDATE_DOCS=1 pnpm vitest run docs brings it up to date")
  })
})

describe("the table of transitions", () => {
  it("has every event", () => {
    for (const [, row] of transitions) assert.sameMembers(Object.keys(row), [...events])
  })
})

// -- what is written by hand ------------------------------------------------------------------------

const section = (heading: string, of = document): string => {
  const [, text] = read(of).split(`\n## ${heading}\n`)
  assert.isDefined(text, `there is no section ${heading}`)
  return text.split("\n## ")[0] ?? ""
}

/** The rows of a section's tables by their first cell, without the marks of code. */
const rowsOf = (heading: string, of = document): ReadonlyMap<string, ReadonlyArray<string>> =>
  new Map(
    Array.from(section(heading, of).matchAll(/^\| (.*) \|$/gm), ([, row = ""]) => {
      const [first = "", ...rest] = row
        .replaceAll("`", "")
        .split(" | ")
        .map((cell) => cell.trim())
      return [first, rest]
    })
  )

const clientMessages: { readonly [Tag in Message.ClientMessage["_tag"]]: Message.ClientMessage } = {
  ConnectionInit: { _tag: "ConnectionInit" },
  Ping: { _tag: "Ping" },
  Pong: { _tag: "Pong" },
  Subscribe: { _tag: "Subscribe", id: "1", payload: { query: "" } },
  Complete: { _tag: "Complete", id: "1" },
  ConnectionTerminate: { _tag: "ConnectionTerminate" }
}

const serverMessages: { readonly [Tag in Message.ServerMessage["_tag"]]: Message.ServerMessage } = {
  ConnectionAck: { _tag: "ConnectionAck" },
  ConnectionError: { _tag: "ConnectionError" },
  Disconnected: { _tag: "Disconnected", detail: "", retry: "backoff" },
  KeepAlive: { _tag: "KeepAlive" },
  Ping: { _tag: "Ping" },
  Pong: { _tag: "Pong" },
  Established: { _tag: "Established", id: "1" },
  Next: { _tag: "Next", id: "1", payload: {} },
  Result: { _tag: "Result", id: "1", payload: {} },
  OperationFailed: { _tag: "OperationFailed", id: "1", payload: [] },
  Complete: { _tag: "Complete", id: "1" }
}

const typeOf = (frame: string): string => /^\{"type":"(\w+)"/.exec(frame)?.[1] ?? ""

/** What it says of each subprotocol stands in a section of its own. */
const subprotocols = [
  [document, "Messages", GraphQLTransportWs.graphqlTransportWs],
  [others, "The legacy subprotocol", SubscriptionsTransportWs.subscriptionsTransportWs],
  [others, "AWS AppSync", AppSync.appSync]
] as const

describe("the protocol's pages have", () => {
  it.each(subprotocols)("in %s, with %s, the subprotocol's name", (document, _, { name }) => {
    assert.include(read(document), `\`${name}\``)
  })

  it.each(subprotocols)(
    "in %s: %s with their names on the wire and who sends them",
    (document, heading, subprotocol) => {
      const { client, lacks, server } = subprotocol
      const missing: ReadonlySet<string> = lacks
      const expected = new Map<string, { from: string; tag: string }>()
      for (const message of Object.values(clientMessages)) {
        if (missing.has(message._tag)) continue
        expected.set(typeOf(client.encode(message)), { from: "client", tag: message._tag })
      }
      for (const message of Object.values(serverMessages)) {
        if (missing.has(message._tag)) continue
        const type = typeOf(server.encode(message))
        const from = expected.get(type)?.from === "client" ? "both" : "server"
        expected.set(type, { from, tag: message._tag })
      }
      const rows = rowsOf(heading, document)
      for (const [type, { from, tag }] of expected) {
        assert.strictEqual(rows.get(type)?.[0], from, type)
        assert.strictEqual(rows.get(type)?.at(-1), tag, type)
      }
    }
  )

  it("every state and every action", () => {
    const rows = rowsOf("States")
    for (const [state, row] of transitions) {
      assert.isTrue(rows.has(state), state)
      for (const { action } of Object.values(row)) assert.isTrue(rows.has(action), action)
    }
  })

  it("every code that we close with", () => {
    const [, text = ""] = section("Close codes").split("What we say ourselves:")
    const codes = Array.from(text.matchAll(/^\| (\d+) /gm), ([, code]) => Number(code))
    assert.sameMembers(codes, Object.values(CloseCode.ours))
  })
})
