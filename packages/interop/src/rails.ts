/** Rails from Debian's packages, for the server that is written in Ruby. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Debian from "./debian.js"
import { isInstalled, packages } from "./servers/rails.js"

export class NoRails extends Data.TaggedError("NoRails")<{ readonly why: string }> {
  override get message(): string {
    return `there is no Rails here: ${this.why}`
  }
}

export const install: Effect.Effect<void, NoRails> = Effect.mapError(
  Debian.install(packages, isInstalled),
  ({ why }) => new NoRails({ why })
)
