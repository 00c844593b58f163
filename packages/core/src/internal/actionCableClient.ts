import type { GraphQLFormattedError } from "graphql"
import type {
  ClientMessage,
  ExecutionResult,
  JsonObject,
  Rejected,
  ServerMessage
} from "../Message.js"
import {
  type OperationAction,
  type OperationEvent,
  type OperationState,
  transitions
} from "../OperationState.js"
import type { ClientConversation, Port, Subprotocol } from "../Subprotocol.js"
import { command, type, unauthorized } from "./actionCable.js"
import { invalidField, isObject, parse, readObject } from "./json.js"
import { lacking, unknownType } from "./messages.js"
import { invalidResult, isExecutionResult } from "./result.js"

interface Operation {
  readonly id: string
  readonly identifier: string
  /** What is executed when the channel is there; `undefined` from then on. */
  written: string | undefined
  /** Whether the server said, by a result without content, that it was executed as a subscription. */
  isIntroduced: boolean
  state: OperationState
}

export class ActionCableClient implements ClientConversation {
  readonly #byId = new Map<string, Operation>()
  readonly #byIdentifier = new Map<string, Operation>()
  /** Part of every identifier; `undefined` before it is known. */
  #params: JsonObject | undefined = undefined
  #isWelcome = false

  constructor(
    readonly write: Subprotocol["write"],
    readonly channel: string,
    readonly port: Port<ServerMessage>
  ) {}

  // -- what we say --------------------------------------------------------------------------------

  send(message: ClientMessage): void {
    switch (message._tag) {
      case "ConnectionInit":
        this.#params = copyOf(message.payload ?? {})
        return this.#acknowledged()
      case "Subscribe":
        return this.start(message.id, this.write(message))
      case "Complete":
        return this.#stop(message.id)
      case "ConnectionTerminate":
      case "Ping":
      case "Pong":
        return lacking(message)
    }
  }

  start(id: string, written: string): void {
    const { channel } = this
    const identifier = JSON.stringify({ ...this.#params, channel, channelId: id })
    const operation: Operation = { id, identifier, written, isIntroduced: false, state: "Asked" }
    this.#byId.set(id, operation)
    this.#byIdentifier.set(identifier, operation)
    this.#command(command.subscribe, identifier)
  }

  #stop(id: string): void {
    const operation = this.#byId.get(id)
    if (operation && this.#step(operation, "Stopped") === "Unsubscribe") this.#leave(operation)
  }

  #leave({ identifier }: Operation): void {
    this.#command(command.unsubscribe, identifier)
  }

  #command(command: string, identifier: string, data?: string): void {
    this.port.send(JSON.stringify({ command, identifier, data }))
  }

  // -- what the server says -----------------------------------------------------------------------

  receive(frame: unknown): void {
    const message = readObject(frame, (object) => this.#read(object))
    if (message) this.port.deliver(message)
  }

  /** What there is to hand over of a frame, where that is one message. */
  #read(object: JsonObject): ServerMessage | Rejected | undefined {
    switch (object.type) {
      case undefined:
        return this.#transmitted(object)
      case type.ping:
        return { _tag: "KeepAlive" }
      case type.confirmed:
        return this.#confirmed(this.#operationOf(object))
      case type.rejected:
        return this.#rejected(this.#operationOf(object))
      case type.welcome:
        this.#isWelcome = true
        this.#acknowledged()
        return undefined
      case type.disconnect:
        return disconnection(object)
      default:
        return unknownType(object.type)
    }
  }

  /** A server welcomes whoever comes, which may be before there is anything to say. */
  #acknowledged(): void {
    if (this.#isWelcome && this.#params) this.port.deliver({ _tag: "ConnectionAck" })
  }

  #operationOf({ identifier }: JsonObject): Operation | undefined {
    return typeof identifier === "string" ? this.#byIdentifier.get(identifier) : undefined
  }

  /** The channel is there. */
  #confirmed(operation: Operation | undefined): undefined {
    if (operation === undefined) return
    const { identifier, state, written } = operation
    operation.written = undefined
    if (state === "Left") {
      this.#step(operation, "Confirmed")
      this.#leave(operation)
    } else if (written !== undefined) {
      this.#command(command.message, identifier, written)
    }
  }

  #rejected(operation: Operation | undefined): ServerMessage | undefined {
    return operation && this.#step(operation, "Failed") === "Conclude"
      ? {
          _tag: "OperationFailed",
          id: operation.id,
          payload: [{ message: "subscription rejected" }]
        }
      : undefined
  }

  /** What the channel says of an operation. */
  #transmitted(object: JsonObject): ServerMessage | Rejected | undefined {
    const operation = this.#operationOf(object)
    if (operation === undefined) return undefined
    const { message } = object
    if (!isObject(message)) return invalidField("message", "an object", message)
    const { more, result } = message
    if (result !== undefined && !isExecutionResult(result)) {
      return invalidResult(result, "message.result")
    }
    // A subscription that is invalid is called one nevertheless, and nothing would ever be published.
    if (isFailure(result) && (more !== true || operation.state !== "Established")) {
      return this.#failed(operation, result.errors)
    }
    if (more === true) return this.#published(operation, result)
    // A channel may transmit what it likes.
    return more === undefined && result === undefined ? undefined : this.#last(operation, result)
  }

  #published(operation: Operation, payload: ExecutionResult = {}): ServerMessage | undefined {
    const { id, isIntroduced, state } = operation
    if (state !== "Established") {
      const action = this.#step(operation, "Confirmed")
      if (action === "Unsubscribe") this.#leave(operation)
      if (action === "Establish") this.port.deliver({ _tag: "Established", id })
    }
    if (isEmpty(payload) && !isIntroduced) {
      // Rails answers several at a time: what was published may have come first.
      operation.isIntroduced = true
      return undefined
    }
    return this.#step(operation, "Published") === "Deliver"
      ? { _tag: "Next", id, payload }
      : undefined
  }

  #failed(
    operation: Operation,
    payload: ReadonlyArray<GraphQLFormattedError>
  ): ServerMessage | undefined {
    const action = this.#step(operation, "Failed")
    this.#leave(operation)
    return action === "Conclude"
      ? { _tag: "OperationFailed", id: operation.id, payload }
      : undefined
  }

  #last(operation: Operation, payload: ExecutionResult | undefined): ServerMessage | undefined {
    const { id, state } = operation
    const hasResult = payload !== undefined && (state !== "Established" || !isEmpty(payload))
    const action = this.#step(operation, hasResult ? "Answered" : "Finished")
    // The channel remains until it is left.
    this.#leave(operation)
    if (action !== "Conclude") return undefined
    return hasResult ? { _tag: "Result", id, payload } : { _tag: "Complete", id }
  }

  #step(operation: Operation, event: OperationEvent): OperationAction {
    const { action, to } = transitions[operation.state][event]
    operation.state = to
    if (to === "Ended") {
      this.#byId.delete(operation.id)
      this.#byIdentifier.delete(operation.identifier)
    }
    return action
  }
}

/** As it is on the wire, whatever becomes of the original. Throws what `JSON.stringify` throws. */
const copyOf = (payload: JsonObject): JsonObject => {
  const copy = parse(JSON.stringify(payload))
  return isObject(copy) ? copy : {}
}

/** Whether it says that nothing was executed: errors, and no data of which they would be. */
const isFailure = (
  result: ExecutionResult | undefined
): result is ExecutionResult & Required<Pick<ExecutionResult, "errors">> =>
  result?.data === undefined && (result?.errors ?? []).length > 0

/** Whether it says nothing: the data of a subscription of which nothing was published yet has no fields. */
const isEmpty = ({ data, errors }: ExecutionResult): boolean =>
  (data == null || (isObject(data) && Object.keys(data).length === 0)) && !errors?.length

const disconnection = ({ reason, reconnect }: JsonObject): ServerMessage => {
  const detail = typeof reason === "string" ? reason : ""
  return detail === unauthorized
    ? { _tag: "ConnectionError", payload: { message: detail } }
    : { _tag: "Disconnected", detail, retry: reconnect === false ? "never" : "backoff" }
}
