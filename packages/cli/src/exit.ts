/** How a command ends, and what the process's exit code says of it. */
import * as Data from "effect/Data"

/** What scripts may rely on. Beyond these: 130 and 143 for signals, 141 when nobody reads, 70 for a defect. */
export const ExitCode = {
  /** The operation ended, or everything was found to be well. */
  Ended: 0,
  /** The server answered with errors; documents are not valid; a promise was not kept. */
  OperationErrors: 1,
  /** The command line, a file it names or a document cannot be used. */
  Usage: 2,
  Network: 3,
  Protocol: 4
} as const

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

/** A command ended other than well. Why has been written to stderr already. */
export class Ended extends Data.TaggedError("Ended")<{ readonly code: ExitCode }> {}
