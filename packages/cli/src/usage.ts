/** The command line, a file that it names, or the environment cannot be used. */
import * as Data from "effect/Data"

/** The message quotes nothing that may have been meant as a secret. */
export class UsageError extends Data.TaggedError("UsageError")<{ readonly message: string }> {}
