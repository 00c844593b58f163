import type { ClientMessage, JsonObject, Rejected, ServerMessage } from "../Message.js"
import type { Conversation, Port } from "../Subprotocol.js"
import { command, type, unauthorized } from "./actionCable.js"
import { invalidField, isObject, parse, readObject } from "./json.js"
import { lacking, readSubscribe, unknownType } from "./messages.js"

export class ActionCableServer implements Conversation<ServerMessage> {
  /** The channels that were subscribed to, by the operation's id, and what they are called. */
  readonly #channels = new Map<string, string>()
  /** Those whose operation is not over, and how far it is. */
  readonly #operations = new Map<string, "asked" | "established">()

  constructor(
    readonly channel: string,
    readonly port: Port<ClientMessage>
  ) {
    // A client introduces itself by nothing but its connection.
    port.deliver({ _tag: "ConnectionInit" })
  }

  // -- what the client says -----------------------------------------------------------------------

  receive(frame: unknown): void {
    const message = readObject(frame, (object) => this.#read(object))
    if (message) this.port.deliver(message)
  }

  #read(object: JsonObject): ClientMessage | Rejected | undefined {
    const { identifier } = object
    if (typeof identifier !== "string") return invalidField("identifier", "a string", identifier)
    const params = parse(identifier)
    if (!isObject(params)) return invalidField("identifier", "an object in JSON", params)
    const id = typeof params.channelId === "string" ? params.channelId : identifier
    switch (object.command) {
      case command.subscribe:
        return this.#subscribed(id, identifier, params)
      case command.message:
        return this.#executed(id, object)
      case command.unsubscribe:
        this.#operations.delete(id)
        return this.#channels.delete(id) ? { _tag: "Complete", id } : undefined
      default:
        return unknownType(object.command)
    }
  }

  #subscribed(id: string, identifier: string, { channel }: JsonObject): undefined {
    const isOurs = channel === this.channel
    if (isOurs) this.#channels.set(id, identifier)
    this.#say({ identifier, type: isOurs ? type.confirmed : type.rejected })
  }

  #executed(id: string, { data }: JsonObject): ClientMessage | Rejected | undefined {
    // Of a channel that was left in the meantime.
    if (!this.#channels.has(id)) return undefined
    const request = typeof data === "string" ? parse(data) : undefined
    if (!isObject(request)) return invalidField("data", "an object in JSON", request)
    this.#operations.set(id, "asked")
    const { operationId, variables } = request
    return readSubscribe(id, {
      ...request,
      // Relay's clients have them as text.
      ...(typeof variables === "string" && { variables: parse(variables) ?? variables }),
      ...(operationId !== undefined && { documentId: operationId })
    })
  }

  // -- what the server says -----------------------------------------------------------------------

  send(message: ServerMessage): void {
    switch (message._tag) {
      case "ConnectionAck":
        return this.#say({ type: type.welcome })
      case "ConnectionError":
        return this.#disconnect(unauthorized, false)
      case "Disconnected":
        return this.#disconnect(message.detail, message.retry !== "never")
      case "KeepAlive":
        return this.#say({ type: type.ping, message: 0 })
      case "Established":
        // Of an operation that is over, or was left in the meantime.
        if (!this.#operations.has(message.id)) return
        this.#operations.set(message.id, "established")
        return this.#transmit(message.id, { result: { data: {} }, more: true })
      case "Next":
        // The result of a query is its only one.
        return this.#transmit(message.id, {
          result: message.payload,
          more: this.#operations.get(message.id) === "established"
        })
      case "Result":
        return this.#transmit(message.id, { result: message.payload, more: false })
      case "OperationFailed":
        return this.#transmit(message.id, { result: { errors: message.payload }, more: false })
      case "Complete":
        // What was answered is complete.
        if (this.#operations.has(message.id)) this.#transmit(message.id, { more: false })
        return
      case "Ping":
      case "Pong":
        return lacking(message)
    }
  }

  #transmit(id: string, message: JsonObject): void {
    const identifier = this.#channels.get(id)
    if (identifier === undefined) return
    if (message.more === false) this.#operations.delete(id)
    this.#say({ identifier, message })
  }

  #disconnect(reason: string, reconnect: boolean): void {
    this.#say({ type: type.disconnect, reason, reconnect })
  }

  #say(object: JsonObject): void {
    this.port.send(JSON.stringify(object))
  }
}
