/** The command `fiberline` and its subcommands. */
import * as Command from "@effect/cli/Command"
import { demo } from "./commands/demo.js"
import { doctor } from "./commands/doctor.js"
import { introspect } from "./commands/introspect.js"
import { mutate } from "./commands/mutate.js"
import { query } from "./commands/query.js"
import { subscribe } from "./commands/subscribe.js"
import { validate } from "./commands/validate.js"

export const fiberline = Command.make("fiberline").pipe(
  Command.withSubcommands([query, mutate, subscribe, introspect, validate, doctor, demo])
)
