/**
 * What is said to a server in confidence: headers, and the payload of a WebSocket's `connection_init`.
 * All of it is `Redacted`, and what must not be seen is known by value, for whoever conceals it.
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import type { JsonObject } from "@fiberline/core/Message"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Files from "../files.js"
import { interpolate, interpolateIn } from "../interpolation.js"
import { UsageError } from "../usage.js"
import { parseObject } from "./json.js"

export interface Credentials {
  readonly headers: { readonly [name: string]: Redacted.Redacted<string> }
  readonly payload: Redacted.Redacted<JsonObject> | undefined
  /** Everything that must not be seen. */
  readonly secrets: ReadonlyArray<Redacted.Redacted<unknown>>
  /** What was given as it is, and so in sight of every process of the machine. */
  readonly exposed: ReadonlyArray<string>
}

/** Of headers, and of members of a payload, that are credentials by their name. */
const isCredential = (name: string): boolean =>
  /auth|cookie|token|secret|passw|credential|api-?_?key|session|jwt/i.test(name)

export const resolve = (
  headers: ReadonlyArray<string>,
  payload: string | undefined
): Effect.Effect<Credentials, UsageError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const found = yield* Effect.forEach(headers, linesOf)
    const each = yield* Effect.forEach(found.flat(), parseHeader)
    const names = new Set<string>()
    for (const { name } of each) {
      if (names.has(name)) {
        return yield* new UsageError({ message: `--header gives ${name} more than once` })
      }
      names.add(name)
    }
    const payloadOf = payload === undefined ? undefined : yield* parsePayload(payload)
    return {
      headers: Object.fromEntries(each.map(({ name, value }) => [name, Redacted.make(value)])),
      payload: payloadOf?.payload,
      secrets: [
        ...each.flatMap(({ isSecret, secrets, value }) =>
          isSecret ? [Redacted.make(value)] : secrets.map((secret) => Redacted.make(secret))
        ),
        ...(payloadOf ? [payloadOf.payload] : [])
      ],
      exposed: [
        ...each.flatMap(({ isExposed, name }) => (isExposed ? [`the header ${name}`] : [])),
        ...(payloadOf?.isExposed ? ["the payload"] : [])
      ]
    }
  })

interface HeaderLine {
  readonly line: string
  readonly isFromFile: boolean
}

/** A header as it stands, or those of a file: a line each, none of those that are empty or begin with `#`. */
const linesOf = (
  header: string
): Effect.Effect<ReadonlyArray<HeaderLine>, UsageError, FileSystem.FileSystem> =>
  header.startsWith("@")
    ? Effect.map(Files.read(header.slice(1), "the file that --header names"), (text) =>
        text
          .split(/\r?\n/)
          .filter((line) => line.trim() !== "" && !line.startsWith("#"))
          .map((line) => ({ line, isFromFile: true }))
      )
    : Effect.succeed([{ line: header, isFromFile: false }])

const parseHeader = ({ isFromFile, line }: HeaderLine) =>
  Effect.gen(function* () {
    const { secrets, text } = yield* interpolate("--header", line)
    // Names and values as RFC 9110 has them, section 5.6.2 and 5.5.
    const [, name, value] =
      /^([\w!#$%&'*+.^`|~-]+):\s*([\t\x20-\x7e\x80-\xff]*?)\s*$/.exec(text) ?? []
    if (name === undefined || value === undefined) {
      return yield* new UsageError({ message: "--header must be 'Name: value' or @file" })
    }
    return {
      name: name.toLowerCase(),
      value,
      secrets,
      isSecret: isCredential(name) || isFromFile,
      isExposed: isCredential(name) && !isFromFile && secrets.length === 0
    }
  })

const parsePayload = (text: string) =>
  Effect.gen(function* () {
    const isFromFile = text.startsWith("@")
    const json = isFromFile
      ? yield* Files.read(text.slice(1), "the file that --payload names")
      : text
    const object = yield* parseObject("--payload", json)
    const { secrets, value } = yield* interpolateIn("--payload", object)
    return {
      // Type boundary: an object with other strings in it is an object.
      payload: Redacted.make(value as JsonObject),
      isExposed: !isFromFile && secrets.length === 0 && keysIn(object).some(isCredential)
    }
  })

const keysIn = (value: unknown): ReadonlyArray<string> =>
  typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, inside]) => [key, ...keysIn(inside)])
    : []
