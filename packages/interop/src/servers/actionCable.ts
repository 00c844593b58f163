/**
 * graphql-ruby's channel over Rails' Action Cable, on ws and graphql alone: what Rails itself does on the
 * wire, where there is no Ruby. What it cannot make sense of it ignores, as Rails does, which writes it to
 * its log and answers nothing.
 */
import {
  type DocumentNode,
  execute,
  type ExecutionResult,
  getOperationAST,
  GraphQLError,
  parse,
  subscribe,
  validate
} from "graphql"
import type { IncomingMessage } from "node:http"
import { type WebSocket, WebSocketServer } from "ws"
import { schema } from "../schema.js"
import {
  credentials,
  httpServer,
  isPayloadAuthorized,
  listen,
  type Options,
  path,
  type Start
} from "./server.js"

/** The second is what a client offers so that an upgrade never fails for want of a common one. */
const subprotocols = ["actioncable-v1-json", "actioncable-unsupported"]

const beatMillis = 3000

/** How long whoever is told of a restart has to read of it, in milliseconds. */
const partingMillis = 100

/** The field `more` says whether to expect another, except after an error of a subscription's. */
interface Transmission {
  readonly result?: ExecutionResult
  readonly more: boolean
}

/** What `execute` is given. Some clients send the variables as a string. */
interface Request {
  readonly query?: unknown
  readonly variables?: unknown
  readonly operationName?: unknown
}

interface Channel {
  readonly perform: (data: unknown) => Promise<void>
  readonly unsubscribe: () => void
}

export const start: Start = async (port, options) => {
  const server = httpServer((_, response) =>
    response.writeHead(404, { "content-type": "text/plain" }).end("Page not found")
  )
  const cable = new WebSocketServer({
    server,
    path,
    handleProtocols: (offered) =>
      [...offered].find((subprotocol) => subprotocols.includes(subprotocol)) ?? false
  })
  cable.on("connection", (socket, request) => connect(socket, request, options))
  const toEach = (act: (socket: WebSocket) => void) => cable.clients.forEach(act)

  // One for all, so the first may come at any time.
  setInterval(
    () =>
      toEach((socket) => send(socket, { type: "ping", message: Math.floor(Date.now() / 1000) })),
    beatMillis
  )
  process.once("SIGTERM", () => {
    toEach((socket) => disconnect(socket, "server_restart", true))
    setTimeout(() => process.exit(), partingMillis)
  })
  await listen(server, port)
}

const connect = (socket: WebSocket, request: IncomingMessage, options: Options): void => {
  socket.on("error", () => {})
  if (isRefused(options, request)) return disconnect(socket, "unauthorized", false)

  const channels = new Map<string, Channel>()
  socket.on("message", (bytes) => obey(json(String(bytes))))
  socket.on("close", () => channels.forEach(({ unsubscribe }) => unsubscribe()))
  send(socket, { type: "welcome" })

  const obey = (message: unknown): void => {
    const { command, data, identifier } = object(message)
    if (typeof identifier !== "string") return
    const channel = channels.get(identifier)
    if (command === "subscribe" && channel === undefined) return add(identifier)
    if (command === "message") void channel?.perform(json(data))
    if (command === "unsubscribe") {
      channel?.unsubscribe()
      channels.delete(identifier)
    }
  }

  const add = (identifier: string): void => {
    const params = json(identifier)
    if (object(params).channel !== "GraphqlChannel") return
    if (!isPayloadAuthorized(options, params)) {
      return send(socket, { identifier, type: "reject_subscription" })
    }
    channels.set(
      identifier,
      openChannel((message) => send(socket, { identifier, message }))
    )
    send(socket, { identifier, type: "confirm_subscription" })
  }
}

/** Wrong credentials refuse the connection. Where there are none, the channel asks for them. */
const isRefused = ({ auth }: Options, { headers, url }: IncomingMessage): boolean => {
  const parameters = new URL(url ?? "", "http://localhost").searchParams
  const given = headers.authorization ?? parameters.get("authorization")
  return auth && given !== null && given !== credentials
}

/** As its guide writes graphql-ruby's channel. */
const openChannel = (transmit: (message: Transmission) => void): Channel => {
  const subscriptions = new Set<AsyncGenerator<ExecutionResult, void, void>>()
  let isOpen = true

  const run = async (request: Request): Promise<void> => {
    const answer = await respond(request)
    if (!("results" in answer)) return transmit(answer)
    const { results } = answer
    if (!isOpen) return void results.return()
    subscriptions.add(results)
    // Nothing has happened yet, and that is what it says.
    transmit({ result: { data: {} }, more: true })
    for await (const result of results) {
      if (!isOpen) return
      transmit({ result, more: true })
    }
    if (isOpen) transmit({ more: false })
  }

  return {
    perform: async (data) => {
      const { action, ...request } = object(data)
      if (action === "execute") await run(request)
    },
    unsubscribe: () => {
      isOpen = false
      // To be told so is no answer to `unsubscribe`: it is how the server's side of a subscription ends,
      // and those that had ended before are told again.
      for (const results of subscriptions) {
        void results.return()
        transmit({ more: false })
      }
    }
  }
}

type Answer = Transmission | { readonly results: AsyncGenerator<ExecutionResult, void, void> }

const respond = async ({ operationName, query, variables }: Request): Promise<Answer> => {
  const document = parsed(query)
  if (document instanceof GraphQLError) return { result: { errors: [document] }, more: false }
  const name = typeof operationName === "string" ? operationName : null
  // More is promised of any subscription, even of one that has just failed.
  const more = getOperationAST(document, name)?.operation === "subscription"
  const errors = validate(schema, document)
  if (errors.length > 0) return { result: { errors }, more }

  const args = {
    schema,
    document,
    operationName: name,
    variableValues: object(typeof variables === "string" ? json(variables) : variables)
  }
  if (!more) return { result: await execute(args), more }
  const results = await subscribe(args)
  return "next" in results ? { results } : { result: results, more }
}

const parsed = (query: unknown): DocumentNode | GraphQLError => {
  try {
    return parse(String(query))
  } catch (error) {
    return error instanceof GraphQLError ? error : new GraphQLError(String(error))
  }
}

const send = (socket: WebSocket, frame: object): void => {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(frame))
}

const disconnect = (socket: WebSocket, reason: string, reconnect: boolean): void => {
  send(socket, { type: "disconnect", reason, reconnect })
  socket.close(1000)
}

const json = (text: unknown): unknown => {
  try {
    return JSON.parse(String(text))
  } catch {
    return undefined
  }
}

const object = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? { ...value } : {}
