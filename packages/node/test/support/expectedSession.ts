/**
 * What has to come of the bytes that a server sends, by the specifications and docs/protocol.md: for
 * each operation what it is given and how it ends, and what the server is told.
 */
import { FrameReader, type Incoming } from "./rawFrames.js"

/** The operations of each session: a subscription, one with its errors inline, and a query. */
export const operations = ["feed", "inline", "ask"] as const
export type OperationName = (typeof operations)[number]

/** How an operation ends, as far as it can be foretold. */
export type End =
  | { readonly _tag: "Success" }
  | { readonly _tag: "OperationError"; readonly errors: unknown; readonly data: unknown }
  | {
      readonly _tag: "ProtocolError"
      readonly violation: string
      readonly phase: string
      readonly sent: boolean
      readonly received: string | undefined
    }
  | {
      readonly _tag: "NetworkError"
      readonly reason: string
      readonly phase: string
      readonly sent: boolean
      /** Of a close frame, or the status of an answer to the upgrade. */
      readonly code: number | undefined
      readonly text: string | undefined
    }
  /** What must never be: a defect, an interrupt, or nothing within the bound. */
  | { readonly _tag: "Defect" | "Interrupted" | "Hanging"; readonly detail: string }

export interface Outcome {
  readonly elements: Array<unknown>
  end: End | undefined
}

interface JsonObject {
  readonly [key: string]: unknown
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const success: End = { _tag: "Success" }

export class ExpectedSession {
  readonly outcomes: { readonly [Name in OperationName]: Outcome } = {
    feed: { elements: [], end: undefined },
    inline: { elements: [], end: undefined },
    ask: { elements: [], end: undefined }
  }
  /** The payloads of the pongs, those of the protocol and those of the WebSocket. */
  readonly pongs: Array<unknown> = []
  readonly rawPongs: Array<string> = []
  /** The code of the close frame that the client sends, once it has to. */
  told: number | undefined = undefined
  /** Something that WebSocket itself answers came after the end, and may be answered first. */
  isToldOtherwise = false
  isAcknowledged = false
  isOver = false
  readonly #reader: FrameReader
  readonly #ids = new Map<string, OperationName>()

  constructor(maxFrameSize: number) {
    this.#reader = new FrameReader(false, maxFrameSize)
  }

  /** How many frames were read until it was over. */
  frames = 0

  get phase(): "acknowledging" | "live" {
    return this.isAcknowledged ? "live" : "acknowledging"
  }

  get isDone(): boolean {
    return operations.every((name) => this.outcomes[name].end !== undefined)
  }

  started(name: OperationName, id: string): void {
    this.#ids.set(id, name)
  }

  receive(bytes: Uint8Array): void {
    for (const incoming of this.#reader.read(bytes)) {
      if (this.isOver) {
        this.isToldOtherwise ||= ["Closed", "Violated"].includes(incoming._tag)
      } else {
        this.frames = this.#reader.frames
        this.#handle(incoming)
      }
    }
    if (!this.isOver) this.frames = this.#reader.frames
  }

  /** The connection was cut, with or without a warning. */
  cut(): void {
    this.#lose(this.#network("ConnectionLost"))
  }

  #handle(incoming: Incoming): void {
    switch (incoming._tag) {
      case "Text":
        return this.#message(incoming.text)
      case "Binary":
        return this.#violated("NotText", 4400)
      case "Ping":
        this.rawPongs.push(incoming.payload.toString("hex"))
        return
      case "Pong":
        return
      case "Closed":
        this.told = incoming.code
        return this.#lose(this.#network("ServerClosed", incoming.code, incoming.reason))
      case "Violated":
        return this.#violated(
          incoming.code === 1009 ? "FrameTooLarge" : "InvalidFrame",
          incoming.code
        )
    }
  }

  #message(text: string): void {
    const message = read(text)
    if (typeof message === "string") return this.#violated(message, 4400, text)
    const { id, payload, type } = message
    if (type === "pong") return
    if (type === "ping") {
      this.pongs.push(payload ?? undefined)
    } else if (type === "connection_error") {
      this.told = 1000
      this.#lose(this.#network("ConnectionRejected"))
    } else if ((type === "connection_ack") === this.isAcknowledged) {
      this.#violated("UnexpectedMessage", 4400, text)
    } else if (type === "connection_ack") {
      this.isAcknowledged = true
    } else {
      const name = this.#ids.get(String(id))
      if (name !== undefined) this.#operation(name, type, payload)
    }
  }

  #operation(name: OperationName, type: string, payload: unknown): void {
    const outcome = this.outcomes[name]
    if (outcome.end !== undefined) return
    // Type boundary: `read` has looked.
    const result = (type === "error" ? { data: null, errors: payload } : payload) as JsonObject
    if (type === "complete") {
      outcome.end = name === "ask" ? this.#protocol("NoResult") : success
      return
    }
    const errors = readErrors(result.errors)
    const data = result.data ?? null
    if (result.data === undefined && errors.length === 0) {
      outcome.end = this.#protocol("NoData")
    } else if (name === "inline") {
      const { extensions } = result
      outcome.elements.push({ data, errors, ...(extensions != null && { extensions }) })
      if (type === "error") outcome.end = success
    } else if (errors.length > 0) {
      outcome.end = { _tag: "OperationError", errors, data: result.data ?? undefined }
    } else {
      outcome.elements.push(data)
      if (name === "ask") outcome.end = success
    }
  }

  #violated(violation: string, code: number, received?: string): void {
    this.told = code
    this.#lose(this.#protocol(violation, received?.slice(0, 200)))
  }

  #lose(end: End): void {
    this.isOver = true
    for (const name of operations) this.outcomes[name].end ??= end
  }

  #protocol(violation: string, received?: string): End {
    const { isAcknowledged: sent, phase } = this
    return { _tag: "ProtocolError", violation, phase, sent, received }
  }

  #network(reason: string, code?: number, text?: string): End {
    const { isAcknowledged: sent, phase } = this
    return { _tag: "NetworkError", reason, phase, sent, code, text }
  }
}

/** A message, or the name of what is wrong with it. */
const read = (text: string): (JsonObject & { readonly type: string }) | string => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return "NotJson"
  }
  if (!isObject(json)) return "NotAnObject"
  const { id, payload, type } = json
  const isOptional = payload === undefined || payload === null || isObject(payload)
  const hasId = typeof id === "string" && id !== ""
  switch (type) {
    case "connection_ack":
    case "connection_error":
    case "ping":
    case "pong":
      return isOptional ? { ...json, type } : "InvalidField"
    case "complete":
      return hasId ? { ...json, type } : "InvalidField"
    case "error":
      return hasId && isErrors(payload) && payload.length > 0 ? { ...json, type } : "InvalidField"
    case "next": {
      if (!hasId || !isObject(payload)) return "InvalidField"
      const { errors, extensions } = payload
      const isResult =
        (errors === undefined || errors === null || isErrors(errors)) &&
        (extensions === undefined || extensions === null || isObject(extensions))
      return isResult ? { ...json, type } : "InvalidField"
    }
    default:
      return "UnknownType"
  }
}

const isErrors = (value: unknown): value is ReadonlyArray<JsonObject> =>
  Array.isArray(value) &&
  value.every((error) => isObject(error) && typeof error.message === "string")

/** What is well-formed of the errors. */
const readErrors = (errors: unknown): ReadonlyArray<unknown> =>
  (isErrors(errors) ? errors : []).map(({ extensions, locations, message, path }) => ({
    message,
    ...(Array.isArray(locations) && {
      locations: locations.filter(
        (at) => isObject(at) && typeof at.line === "number" && typeof at.column === "number"
      )
    }),
    ...(Array.isArray(path) && {
      path: path.filter((step) => typeof step === "string" || typeof step === "number")
    }),
    // Numbers beyond what JSON can say are lost on the way.
    ...(isObject(extensions) && { extensions: JSON.parse(JSON.stringify(extensions)) })
  }))
