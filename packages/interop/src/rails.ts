/** Rails from Debian's packages, for the server that is written in Ruby. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { spawn } from "node:child_process"
import { isInstalled, packages } from "./servers/rails.js"

export class NoRails extends Data.TaggedError("NoRails")<{ readonly why: string }> {
  override get message(): string {
    return `there is no Rails here: ${this.why}`
  }
}

/** Debian's packages, where they are missing and may be installed. Within three minutes. */
export const install: Effect.Effect<void, NoRails> = Effect.suspend(() => installing).pipe(
  Effect.timeoutFail({
    duration: "3 minutes",
    onTimeout: () => new NoRails({ why: "apt-get did not end within three minutes" })
  })
)

const installing: Effect.Effect<void, NoRails> = Effect.gen(function* () {
  if (isInstalled()) return
  if (process.getuid?.() !== 0) {
    return yield* new NoRails({ why: "it is not installed, and only root could do that" })
  }
  const isThere = Effect.zipRight(
    aptGet("install", "-y", "--no-install-recommends", ...packages),
    Effect.sync(isInstalled)
  )
  if (yield* isThere) return
  // Debian removes a package's file when there is a newer one, and the lists may be older than that.
  yield* aptGet("update")
  if (yield* isThere) return
  return yield* new NoRails({
    why: `it is not installed, and apt-get install ${packages.join(" ")} did not help`
  })
})

const aptGet = (...args: ReadonlyArray<string>): Effect.Effect<void, NoRails> =>
  Effect.async((resume) => {
    // Somebody else may be installing something.
    const child = spawn("apt-get", ["-o", "DPkg::Lock::Timeout=60", ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      stdio: "ignore"
    })
    child.once("error", () =>
      resume(new NoRails({ why: "it is not installed, and there is no apt-get to do that" }))
    )
    child.once("exit", () => resume(Effect.void))
    return Effect.sync(() => child.kill())
  })
