/** Files that the command line names. */
import * as FileSystem from "@effect/platform/FileSystem"
import type { PlatformError } from "@effect/platform/Error"
import * as Effect from "effect/Effect"
import { printable } from "./printable.js"
import { UsageError } from "./usage.js"

/** @param shown what the complaint calls it */
export const read = (
  path: string,
  shown = printable(path)
): Effect.Effect<string, UsageError, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (files) => files.readFileString(path)).pipe(
    Effect.mapError(
      (error) => new UsageError({ message: `${shown} cannot be read: ${reasonOf(error)}` })
    )
  )

export const write = (
  path: string,
  text: string
): Effect.Effect<void, UsageError, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (files) => files.writeFileString(path, text)).pipe(
    Effect.mapError(
      (error) =>
        new UsageError({ message: `${printable(path)} cannot be written: ${reasonOf(error)}` })
    )
  )

/** Without the path, which the message of the error repeats. */
export const reasonOf = (error: PlatformError): string => {
  if (error._tag === "BadArgument") return "it is no path"
  switch (error.reason) {
    case "NotFound":
      return "there is no such file"
    case "PermissionDenied":
      return "permission denied"
    case "BadResource":
      return "it is a directory"
    default:
      return error.reason
  }
}
