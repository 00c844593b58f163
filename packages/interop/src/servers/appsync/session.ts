/** One socket: whether it is served, and what was started on it. */
import { OperationTypeNode, subscribe } from "graphql"
import type { IncomingMessage } from "node:http"
import type { WebSocket } from "ws"
import { type Options, path } from "../server.js"
import { isServed, unauthorized } from "./credentials.js"
import { connectionHeaders, headersOf, offered, subprotocol } from "./handshake.js"
import { read } from "./request.js"

export interface RealtimeOptions extends Options {
  /** After how long without a `ka` a client may give up, in milliseconds. 300,000 unless told otherwise. */
  readonly connectionTimeoutMs?: number
  /** How far apart the `ka` are, in milliseconds. 60,000 unless told otherwise. */
  readonly keepaliveMillis?: number
  /** Hears of every message, in order: what the client said, and what it was told. */
  readonly trace?: (by: "client" | "server", message: string) => void
}

interface Message {
  readonly type?: unknown
  readonly id?: unknown
  readonly payload?: {
    readonly data?: unknown
    readonly extensions?: { readonly authorization?: unknown }
  }
}

interface Failure {
  readonly errorType?: string
  readonly message: string
  readonly errorCode?: number
}

export const serve = (socket: WebSocket, request: IncomingMessage, options: RealtimeOptions) => {
  const { connectionTimeoutMs = 300_000, keepaliveMillis = 60_000, trace } = options
  const subscriptions = new Map<string, symbol>()
  const refusal = refusalOf(request, options)

  const say = (message: object) => {
    const text = JSON.stringify(message)
    trace?.("server", text)
    socket.send(text)
  }
  /** Of one subscription, or of nobody's. */
  const fail = (id: string | undefined, ...errors: ReadonlyArray<Failure>) =>
    say({ ...(id !== undefined && { id }), type: "error", payload: { errors } })

  const start = async (id: string, data: string, authorization: unknown) => {
    if (subscriptions.has(id)) {
      // The one that has the identifier goes on.
      const message = `Duplicated operation with id ${id}`
      return fail(id, { errorType: "DuplicatedOperationError", message })
    }
    // Taken at once: a second one, or a stop, may come before there is anything to stop.
    const subscription = Symbol(id)
    subscriptions.set(id, subscription)
    const isStopped = () => subscriptions.get(id) !== subscription
    /** The last that is said of it, unless that was said. */
    const end = (sayIt: () => void) => {
      if (isStopped()) return
      subscriptions.delete(id)
      sayIt()
    }
    const refuse = (...errors: ReadonlyArray<Failure>) => end(() => fail(id, ...errors))

    const headers = headersOf(authorization)
    if (headers?.host !== request.headers.host) return refuse(missing)
    // Signed is the string, not what it means.
    if (!(await isServed(options, headers ?? {}, { path, body: data }))) return refuse(denied)
    const runnable = read(data)
    if (runnable === undefined) return refuse(unsupported("unknown"))
    if (!("args" in runnable)) return refuse(...runnable)
    if (runnable.operation !== OperationTypeNode.SUBSCRIPTION) {
      return refuse(unsupported(runnable.operation))
    }
    const results = await subscribe(runnable.args)
    if (!(Symbol.asyncIterator in results)) return refuse(...(results.errors ?? []))

    if (isStopped()) return
    say({ id, type: "start_ack" })
    for await (const payload of results) {
      // This is what ends the source too: none of the schema's is silent for long.
      if (isStopped()) return
      say({ id, type: "data", payload })
    }
    end(() => say({ id, type: "complete" }))
  }

  const stop = (id: string) => {
    if (subscriptions.delete(id)) say({ id, type: "complete" })
  }

  const hear = async ({ id, payload, type }: Message) => {
    // It is told so and no more, whatever it says. Amplify closes with 3001 then.
    const reason = await refusal
    if (reason !== undefined) {
      return say({ type: "connection_error", payload: { errors: [reason] } })
    }

    if (type === "connection_init") {
      say({ type: "connection_ack", payload: { connectionTimeoutMs } })
      return say({ type: "ka" })
    }
    if (typeof id === "string") {
      if (type === "stop") return stop(id)
      if (type === "start" && typeof payload?.data === "string") {
        return start(id, payload.data, payload.extensions?.authorization)
      }
    }
    return fail(typeof id === "string" ? id : undefined, unsupported("unknown"))
  }

  const keepalive = setInterval(
    () => void refusal.then((reason) => reason === undefined && say({ type: "ka" })),
    keepaliveMillis
  )
  socket.on("message", (data) => {
    const text = String(data)
    trace?.("client", text)
    hear(messageOf(text)).catch(() => socket.close(1011))
  })
  socket.on("close", () => {
    clearInterval(keepalive)
    subscriptions.clear()
  })
}

const denied: Failure = { errorType: unauthorized, message: "Permission denied" }

const missing: Failure = { message: "Required headers are missing.", errorCode: 400 }

/** Of an operation that is none, too. */
const unsupported = (operation: string): Failure => ({
  errorType: "UnsupportedOperation",
  message: `${operation} not supported through the realtime channel`
})

/** AppSync upgrades whoever asks, and says afterwards why it does not serve them. */
const refusalOf = async (
  request: IncomingMessage,
  options: Options
): Promise<Failure | undefined> => {
  if (!offered(request).includes(subprotocol)) return { message: "NoProtocolError", errorCode: 400 }
  const headers = connectionHeaders(request)
  if (headers === undefined || headers.host !== request.headers.host) return missing
  if (await isServed(options, headers, { path: `${path}/connect`, body: "{}" })) return undefined
  const message = "You are not authorized to make this call."
  return { errorType: unauthorized, message, errorCode: 401 }
}

/** What is no message at all has no type, and is answered so. */
const messageOf = (text: string): Message => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null ? value : {}
  } catch {
    return {}
  }
}
