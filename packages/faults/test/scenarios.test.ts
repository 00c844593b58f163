import { assert, describe, it } from "@effect/vitest"
import { faults } from "../src/faults.js"
import { healthy } from "../src/healthy.js"
import { phases, scenarios, tried } from "../src/scenarios.js"
import { others } from "../src/subprotocols.js"

const named = (name: string) => {
  const scenario = scenarios().find((scenario) => scenario.name === name)
  assert.isDefined(scenario, name)
  return scenario.expected
}

describe("the scenarios", () => {
  it("are every fault in every phase, and the links that are well", () => {
    const names = scenarios().map(({ name }) => name)
    const inOthers = others.length * tried.length
    assert.lengthOf(names, (faults.length + inOthers) * phases.length + healthy.length)
    assert.lengthOf(new Set(names), names.length)
  })

  it("of which a handful are quick", () => {
    assert.lengthOf(
      scenarios().filter(({ isQuick }) => isQuick),
      15
    )
  })

  it("hold a silent link to interval + timeout after its last byte", () => {
    for (const fault of [
      "black hole",
      "black hole up",
      "black hole down",
      "link down",
      "SIGSTOP"
    ]) {
      assert.deepStrictEqual(named(`${fault}, mid-stream`), {
        reasons: ["KeepaliveTimeout"],
        mayLive: false,
        since: "LastByte",
        boundMs: 2000,
        notBefore: true
      })
    }
  })

  it("try black holes and cuts in every subprotocol", () => {
    assert.deepStrictEqual(
      tried.map(({ name }) => name),
      ["black hole", "black hole up", "black hole down", "SIGKILL", "RST"]
    )
    for (const { name, options } of scenarios()) {
      const [first = ""] = name.split(", ")
      const other = others.find((other) => other === first)
      assert.strictEqual(options.subprotocol, other ?? "usual", name)
    }
  })

  it("hold a silent link to the same bound in each, early where heartbeats go out in any case", () => {
    for (const subprotocol of others) {
      const { boundMs, notBefore, reasons, since } = named(`${subprotocol}, black hole, idle`)
      assert.deepStrictEqual([boundMs, reasons, since], [2000, ["KeepaliveTimeout"], "LastByte"])
      assert.strictEqual(notBefore, subprotocol !== "Absinthe")
    }
  })

  it("hold a confirmation that does not come to ackTimeout, where there is one", () => {
    for (const subprotocol of ["Absinthe", "ActionCable", "AppSync"]) {
      const { boundMs, reasons } = named(`${subprotocol}, black hole, subscribing`)
      assert.deepStrictEqual([boundMs, reasons], [750, ["EstablishTimeout"]])
    }
    const { reasons } = named("legacy, black hole, subscribing")
    assert.deepStrictEqual(reasons, ["KeepaliveTimeout"])
  })

  it("hold an attempt to its own timeouts", () => {
    const { boundMs, reasons, since } = named("never upgrades, idle")
    assert.deepStrictEqual([boundMs, reasons, since], [1500, ["ConnectTimeout"], "Attempt"])
    const ack = named("never acknowledges, subscribing")
    assert.deepStrictEqual([ack.boundMs, ack.reasons, ack.since], [1500, ["AckTimeout"], "Open"])
  })

  it("hold closing to closeTimeout, whatever the fault", () => {
    for (const { name } of faults) {
      const { boundMs, mayLive, reasons } = named(`${name}, closing`)
      assert.deepStrictEqual([boundMs, mayLive, reasons[0]], [1000, false, "ClientClosed"])
    }
  })

  it("let only loss be either survived or noticed", () => {
    const either = scenarios().filter(
      ({ expected }) => expected.mayLive && expected.reasons.length > 0
    )
    assert.deepStrictEqual(
      either.map(({ name }) => name),
      ["30 % loss, idle", "30 % loss, mid-stream", "30 % loss, subscribing"]
    )
  })
})
