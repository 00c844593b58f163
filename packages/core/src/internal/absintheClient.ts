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
import * as Absinthe from "./absinthe.js"
import { fingerprint } from "./fingerprint.js"
import { invalidField, isId, isObject, rejected } from "./json.js"
import { lacking } from "./messages.js"
import { isRejected, type PhoenixMessage, type Serializer } from "./phoenix.js"
import { invalidResult, isErrors, isExecutionResult } from "./result.js"

interface Operation {
  readonly id: string
  /** Which one it is of all that were asked. */
  readonly number: number
  /** What was asked, by its fingerprint: the same for those that may come to share a name. */
  readonly request: number
  state: OperationState
  subscription: Subscription | undefined
}

/**
 * What is published under one name. Servers give equal subscriptions the same name, where they are told to
 * (`context_id`), and publish under it once for each of them: those that share it take turns.
 */
interface Subscription {
  readonly name: string
  /** What its members asked. */
  readonly request: number
  /** Those that have left stay, as the server goes on to publish for them until all have. */
  readonly members: Array<Operation>
  turn: number
  /** How many operations had been asked when the last of them left. */
  leftAt: number
}

/** A result that overtook the name under which it is published. */
interface Held {
  readonly name: string
  readonly result: ExecutionResult
  /** How many operations had been asked: it is for one of those, or for nobody. */
  readonly asked: number
}

/** How many are held at most. */
const mostHeld = 1000

export class AbsintheClient implements ClientConversation {
  readonly #operations = new Map<string, Operation>()
  readonly #subscriptions = new Map<string, Subscription>()
  /** The subscriptions that all have left, and of which the server was not told yet. */
  readonly #leaving = new Set<Subscription>()
  /** The names of those of which it was told, and has yet to say that it knows. */
  readonly #left = new Set<string>()
  #held: Array<Held> = []
  #asked = 0
  /** The operations that the server has yet to answer, by number and request, the oldest first. */
  readonly #unanswered = new Map<number, number>()
  #hasLeft = false

  constructor(
    readonly serializer: Serializer,
    readonly topic: string,
    readonly write: Subprotocol["write"],
    readonly port: Port<ServerMessage>
  ) {}

  // -- what we say --------------------------------------------------------------------------------

  send(message: ClientMessage): void {
    switch (message._tag) {
      case "ConnectionInit":
        return this.#push(Absinthe.joinRef, Absinthe.join, message.payload ?? {})
      case "Ping":
        return this.port.send(
          this.serializer.encode({
            joinRef: null,
            ref: Absinthe.heartbeatRef,
            topic: Absinthe.socket,
            event: Absinthe.heartbeat,
            payload: {}
          })
        )
      case "Subscribe":
        return this.start(message.id, this.write(message))
      case "Complete":
        return this.#stop(message.id)
      case "ConnectionTerminate":
        this.#hasLeft = true
        return this.#push(Absinthe.leaveRef, Absinthe.leave, {})
      case "Pong":
        return lacking(message)
    }
  }

  start(id: string, written: string): void {
    const number = ++this.#asked
    // Of all but the id, which comes before anything that could resemble it.
    const request = fingerprint(written.replace(JSON.stringify(id), ""))
    this.#operations.set(id, { id, number, request, state: "Asked", subscription: undefined })
    this.#unanswered.set(number, request)
    this.port.send(written)
  }

  #stop(id: string): void {
    const operation = this.#operations.get(id)
    if (operation === undefined || this.#step(operation, "Stopped") !== "Unsubscribe") return
    this.#leave(operation)
    this.#settle()
  }

  #leave({ subscription }: Operation): void {
    if (subscription?.members.some(({ state }) => state === "Established") !== false) return
    subscription.leftAt = this.#asked
    this.#leaving.add(subscription)
  }

  /** Does what had to wait for answers, as far as they are there. */
  #settle(): void {
    const [oldest = Infinity] = this.#unanswered.keys()
    this.#held = this.#held.filter(({ asked }) => asked >= oldest)
    for (const subscription of this.#leaving) {
      const { name } = subscription
      if (this.#isWaitedFor(subscription)) continue
      this.#leaving.delete(subscription)
      this.#subscriptions.delete(name)
      this.#left.add(name)
      this.#push(Absinthe.unsubscribeRef, Absinthe.unsubscribe, { subscriptionId: name })
    }
  }

  /** Whether what was asked before all had left may get the same name: unsubscribing is for all that have it. */
  #isWaitedFor({ leftAt, request }: Subscription): boolean {
    for (const [number, asked] of this.#unanswered) {
      if (number > leftAt) return false
      if (asked === request) return true
    }
    return false
  }

  #push(ref: string, event: string, payload: JsonObject): void {
    const { topic } = this
    this.port.send(
      this.serializer.encode({ joinRef: Absinthe.joinRef, ref, topic, event, payload })
    )
  }

  // -- what the server says -----------------------------------------------------------------------

  receive(frame: unknown): void {
    const message = this.serializer.decode(frame)
    if (isRejected(message)) return this.port.deliver(message)
    switch (message.event) {
      case Absinthe.published:
        return this.#published(message)
      case Absinthe.reply:
        return this.#replied(message)
      case Absinthe.crashed:
      case Absinthe.closed:
        return this.#disconnected(message)
      default:
        // A channel may push what it likes.
        return
    }
  }

  #published({ payload, topic }: PhoenixMessage): void {
    const { result } = payload
    if (!isExecutionResult(result))
      return this.port.deliver(invalidResult(result, "payload.result"))
    const subscription = this.#subscriptions.get(topic)
    if (subscription) return this.#publish(subscription, result)
    // Of one that was left.
    if (this.#left.has(topic) || this.#unanswered.size === 0) return
    if (this.#held.length === mostHeld) return this.port.deliver(tooManyHeld)
    this.#held.push({ name: topic, result, asked: this.#asked })
  }

  #publish(subscription: Subscription, payload: ExecutionResult): void {
    const { members } = subscription
    const operation = members[subscription.turn]
    subscription.turn = (subscription.turn + 1) % members.length
    if (operation && this.#step(operation, "Published") === "Deliver") {
      this.port.deliver({ _tag: "Next", id: operation.id, payload })
    }
  }

  #replied({ payload, ref }: PhoenixMessage): void {
    const { response, status } = payload
    if (typeof status !== "string") {
      return this.port.deliver(invalidField("payload.status", "a string", status))
    }
    const isOk = status === "ok"
    if (ref === Absinthe.joinRef) {
      return this.port.deliver({
        _tag: isOk ? "ConnectionAck" : "ConnectionError",
        ...(isObject(response) && { payload: isOk ? response : refusal(response) })
      })
    }
    if (ref === Absinthe.heartbeatRef) return this.port.deliver({ _tag: "Pong" })
    const name = isObject(response) ? response.subscriptionId : undefined
    if (ref === Absinthe.unsubscribeRef && typeof name === "string") this.#left.delete(name)
    const operation = this.#operations.get(ref ?? "")
    if (operation === undefined) return
    this.#answered(operation, isOk, response)
    this.#settle()
  }

  #answered(operation: Operation, isOk: boolean, response: unknown): void {
    const { id } = operation
    if (!isOk) {
      const payload = errorsOf(response)
      this.#conclude(operation, "Failed", { _tag: "OperationFailed", id, payload })
    } else if (isObject(response) && isId(response.subscriptionId)) {
      this.#confirmed(operation, response.subscriptionId)
    } else if (isExecutionResult(response)) {
      this.#conclude(operation, "Answered", { _tag: "Result", id, payload: response })
    } else {
      this.port.deliver(invalidResult(response, "payload.response"))
    }
  }

  #conclude(operation: Operation, event: OperationEvent, message: ServerMessage): void {
    if (this.#step(operation, event) !== "Conclude") return
    // One that was confirmed before is left like any other.
    this.#leave(operation)
    this.port.deliver(message)
  }

  #confirmed(operation: Operation, name: string): void {
    const overtaken = this.#held.filter((held) => held.name === name)
    this.#held = this.#held.filter((held) => held.name !== name)
    const action = this.#step(operation, "Confirmed")
    if (action === "Ignore") return
    const { request } = operation
    const subscription = this.#subscriptions.get(name) ?? { name, request, ...nobody() }
    this.#subscriptions.set(name, subscription)
    this.#left.delete(name)
    subscription.members.push(operation)
    operation.subscription = subscription
    if (action === "Unsubscribe") return this.#leave(operation)
    this.#leaving.delete(subscription)
    this.port.deliver({ _tag: "Established", id: operation.id })
    for (const { result } of overtaken) this.#publish(subscription, result)
  }

  #disconnected({ event, joinRef, topic }: PhoenixMessage): void {
    // What answers our leaving is no news.
    if (topic !== this.topic || this.#hasLeft) return
    // Of a join that is none of ours.
    if (joinRef !== null && joinRef !== Absinthe.joinRef) return
    const detail = event === Absinthe.crashed ? "the channel crashed" : "the channel was closed"
    this.port.deliver({ _tag: "Disconnected", detail, retry: "backoff" })
  }

  #step(operation: Operation, event: OperationEvent): OperationAction {
    const { action, to } = transitions[operation.state][event]
    operation.state = to
    if (to === "Established" || to === "Ended") this.#unanswered.delete(operation.number)
    if (to === "Ended") this.#operations.delete(operation.id)
    return action
  }
}

const nobody = () => ({ members: [], turn: 0, leftAt: 0 })

const tooManyHeld: Rejected = rejected(
  "InvalidField",
  `more than ${mostHeld} results of subscriptions that were not confirmed`
)

/** A refusal in the words in which others refuse. */
const refusal = (response: JsonObject): JsonObject =>
  typeof response.message === "string" ? response : { ...response, message: saidBy(response) }

/** The errors of an operation that was not executed, in whatever shape they come. */
const errorsOf = (response: unknown): ReadonlyArray<GraphQLFormattedError> => {
  const { errors }: JsonObject = isObject(response) ? response : {}
  return isErrors(errors) && errors.length > 0 ? errors : [{ message: saidBy(response) }]
}

const saidBy = (response: unknown): string => {
  const { error, message, reason }: JsonObject = isObject(response) ? response : { error: response }
  const said = [message, reason, error].find((text) => typeof text === "string")
  return said ?? "refused without a reason"
}
