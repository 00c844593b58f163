/** What a server needs that Debian has: its packages, where they are missing and may be installed. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { spawn } from "node:child_process"

export class NotInstalled extends Data.TaggedError("NotInstalled")<{ readonly why: string }> {
  override get message(): string {
    return this.why
  }
}

/** Within three minutes. */
export const install = (
  packages: ReadonlyArray<string>,
  isInstalled: () => boolean
): Effect.Effect<void, NotInstalled> =>
  Effect.suspend(() => (isInstalled() ? Effect.void : installing(packages, isInstalled))).pipe(
    Effect.timeoutFail({
      duration: "3 minutes",
      onTimeout: () => new NotInstalled({ why: "apt-get did not end within three minutes" })
    })
  )

const installing = (
  packages: ReadonlyArray<string>,
  isInstalled: () => boolean
): Effect.Effect<void, NotInstalled> =>
  Effect.gen(function* () {
    if (process.getuid?.() !== 0) {
      return yield* new NotInstalled({ why: "it is not installed, and only root could do that" })
    }
    const isThere = Effect.zipRight(
      aptGet("install", "-y", "--no-install-recommends", ...packages),
      Effect.sync(isInstalled)
    )
    if (yield* isThere) return
    // Debian removes a package's file when there is a newer one, and the lists may be older than that.
    yield* aptGet("update")
    if (yield* isThere) return
    return yield* new NotInstalled({
      why: `it is not installed, and apt-get install ${packages.join(" ")} did not help`
    })
  })

const aptGet = (...args: ReadonlyArray<string>): Effect.Effect<void, NotInstalled> =>
  Effect.async((resume) => {
    // Somebody else may be installing something.
    const child = spawn("apt-get", ["-o", "DPkg::Lock::Timeout=60", ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      stdio: "ignore"
    })
    child.once("error", () =>
      resume(new NotInstalled({ why: "it is not installed, and there is no apt-get to do that" }))
    )
    child.once("exit", () => resume(Effect.void))
    return Effect.sync(() => child.kill())
  })
