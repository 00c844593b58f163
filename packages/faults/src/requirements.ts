/** Whether this machine can do what is asked of it; what it lacks is installed where that is possible. */
import * as Effect from "effect/Effect"
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { command, type CommandFailed } from "./command.js"
import { drop, limit } from "./firewall.js"
import * as Network from "./network.js"

/** Why it cannot, or `undefined` if it can. */
export const obstacle: Effect.Effect<string | undefined> = Effect.gen(function* () {
  if (process.platform !== "linux") return "network namespaces are Linux's"
  if (process.getuid?.() !== 0) return "network namespaces need root"
  const missing = yield* missingPrograms
  if (missing.length > 0) {
    if (!existsSync("/etc/debian_version")) return `${missing.join(" and ")} not installed`
    yield* install
    if ((yield* missingPrograms).length > 0) return `${missing.join(" and ")} cannot be installed`
  }
  return yield* Effect.match(trialRun, {
    onFailure: ({ message }) => message,
    onSuccess: () => undefined
  })
})

/** All that is asked of the kernel: it may have been built without, or keep it from containers. */
const trialRun: Effect.Effect<void, CommandFailed> = Effect.scoped(
  Effect.gen(function* () {
    yield* Network.sweep
    const { client } = yield* Network.make
    yield* drop(client, 30)
    yield* limit(client, 10_000)
  })
)

const missingPrograms = Effect.filter(["ip", "tc", "nft"], (program) =>
  command([program, "-V"]).pipe(
    Effect.as(false),
    Effect.catchAll(() => Effect.succeed(true))
  )
)

/** With everything it says on stderr: stdout belongs to the results. */
const install: Effect.Effect<void> = Effect.gen(function* () {
  yield* aptGet("update")
  yield* aptGet("install", "--yes", "--no-install-recommends", "iproute2", "nftables")
}).pipe(Effect.timeout("3 minutes"), Effect.ignore)

const aptGet = (...args: ReadonlyArray<string>): Effect.Effect<void> =>
  Effect.async((resume) => {
    const child = spawn("apt-get", ["-o", "DPkg::Lock::Timeout=120", ...args], {
      stdio: ["ignore", 2, 2],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" }
    })
    child.on("error", () => resume(Effect.void))
    child.on("exit", () => resume(Effect.void))
    return Effect.sync(() => child.kill())
  })
