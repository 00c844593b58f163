#!/usr/bin/env node
/**
 * The process around `fiberline`: its arguments, its signals, its exit code.
 *
 * It is not ended by `process.exit`: that it ends by itself shows that nothing was left open.
 */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeWire from "@fiberline/node/NodeWire"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as Layer from "effect/Layer"
import { createRequire } from "node:module"
import { closeTimeout } from "./client.js"
import * as Input from "./input.js"
import * as Output from "./output.js"
import { run } from "./run.js"

// Type boundary: our own package.json.
const { version } = createRequire(import.meta.url)("../package.json") as { version: string }

const host = Layer.mergeAll(
  NodeContext.layer,
  NodeHttpClient.layerUndici,
  NodeWire.layer(),
  Input.layer,
  Output.layer,
  Output.screenLayer
)

const fiber = run(process.argv.slice(2), version).pipe(Effect.provide(host), Effect.runFork)

/** The conventional 128 + signal. Not given twice: a second interrupt would cut the closing short. */
let interruptedWith: number | undefined = undefined
const interrupt = (exitCode: number): void => {
  if (interruptedWith !== undefined) return
  interruptedWith = exitCode
  // A reader that has stopped reading is not waited for, not even to tell it that this is the end.
  setTimeout(() => process.exit(exitCode), closeTimeout + 1000).unref()
  fiber.unsafeInterruptAsFork(FiberId.none)
}
process.on("SIGINT", () => interrupt(130))
process.on("SIGTERM", () => interrupt(143))
// Whoever read us has gone, as `head` does: what SIGPIPE is for elsewhere.
process.stdout.on("error", () => interrupt(141))
// Then there is nobody left to tell.
process.stderr.on("error", () => {})

fiber.addObserver((exit) => {
  process.exitCode = Exit.match(exit, {
    onSuccess: (exitCode) => interruptedWith ?? exitCode,
    onFailure: (cause) => {
      if (interruptedWith !== undefined && Cause.isInterruptedOnly(cause)) return interruptedWith
      console.error(Cause.pretty(cause))
      return 70
    }
  })
  // What a reader that has stopped reading never takes would keep us for ever.
  const unread = process.stdout.writableLength + process.stderr.writableLength
  if (interruptedWith !== undefined && unread > 0) process.exit(interruptedWith)
  // Unreferenced, so it fires only if something else keeps the process alive.
  setTimeout(() => {
    console.error(`Left open: ${process.getActiveResourcesInfo().join(", ")}`)
    process.exit(70)
  }, 2000).unref()
})
