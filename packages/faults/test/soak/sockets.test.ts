import { assert, describe, it } from "@effect/vitest"
import { parse } from "../../src/soak/sockets.js"

const row = (local: string, remote: string, state: string, inode: string) =>
  `   0: 0100007F:${local} 0100007F:${remote} ${state} 00000000:00000000 00:00000000 00000000  0 0 ${inode} 1 0`

describe("the kernel's table of sockets", () => {
  const table = [
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
    row("8001", "4E20", "01", "828013"),
    row("4E20", "8001", "01", "828014"),
    // As the kernel lists it where one piece of the table ends.
    row("8001", "4E20", "01", "828013"),
    row("8002", "4E20", "05", "0"),
    row("8003", "4E20", "06", "0"),
    row("8004", "4E21", "02", "828019")
  ].join("\n")

  it("holds each socket once, by where it leads to, and tells who holds it", () => {
    assert.deepStrictEqual(parse(table, [20_000, 20_001, 20_002]), [
      [
        { port: 0x8001, state: "01", isHeld: true },
        { port: 0x8002, state: "05", isHeld: false }
      ],
      [{ port: 0x8004, state: "02", isHeld: true }],
      []
    ])
  })
})
