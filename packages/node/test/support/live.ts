/** Tests on real sockets, each of which gives back every descriptor and timer it took. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { hasProc, sockets } from "./sockets.js"

export const live = (
  name: string,
  test: Effect.Effect<unknown, unknown, Scope.Scope>,
  timeout?: number
): void => {
  it.live(name, () => leavesNothing(Effect.scoped(test)), timeout)
}

const leavesNothing = <A, E>(test: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.gen(function* () {
    const before = taken()
    // The test runner's own come and go. In the end there must be none.
    before.delete("Timeout")
    const result = yield* test
    yield* eventually(() => assert.deepStrictEqual(leaked(before), []))
    return result
  })

/** For what the other end of a socket has to notice first: holds soon, and at last within seconds. */
export const eventually = (assertion: () => void): Effect.Effect<void> =>
  Effect.try(assertion).pipe(
    Effect.retry({ times: 150, schedule: Schedule.spaced("20 millis") }),
    Effect.orElse(() => Effect.sync(assertion))
  )

/** What keeps the process alive, and on Linux every descriptor of a socket. */
const taken = (): Map<string, number> => {
  const counts = new Map<string, number>()
  const add = (kind: string) => counts.set(kind, (counts.get(kind) ?? 0) + 1)
  for (const kind of process.getActiveResourcesInfo()) {
    if (/^(TCP|TLS|Timeout|GetAddrInfo|ProcessWrap)/.test(kind)) add(kind)
  }
  if (hasProc) for (const _ of sockets()) add("descriptor of a socket")
  return counts
}

const leaked = (before: ReadonlyMap<string, number>): ReadonlyArray<string> =>
  Array.from(taken())
    .filter(([kind, count]) => count > (before.get(kind) ?? 0))
    .map(([kind, count]) => `${kind}: ${before.get(kind) ?? 0} before, ${count} after`)
