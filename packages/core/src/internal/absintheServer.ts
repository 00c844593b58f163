import type { ClientMessage, ExecutionResult, JsonObject, ServerMessage } from "../Message.js"
import type { Conversation, Port } from "../Subprotocol.js"
import * as Absinthe from "./absinthe.js"
import { invalidField, isId } from "./json.js"
import { lacking, readSubscribe } from "./messages.js"
import { isRejected, type PhoenixMessage, type Serializer } from "./phoenix.js"

/** Under what name a subscription's results are published. */
const nameOf = (id: string): string => `__absinthe__:doc:${id}`

export class AbsintheServer implements Conversation<ServerMessage> {
  /** How to answer the join, while that was not done. */
  #joining: PhoenixMessage | undefined = undefined
  /** The heartbeats that were not answered yet. */
  readonly #heartbeats: Array<PhoenixMessage> = []
  /** The operations that were not answered yet, by id. */
  readonly #asked = new Map<string, PhoenixMessage>()
  /** The subscriptions that run, by the name under which they are published. */
  readonly #running = new Map<string, string>()

  constructor(
    readonly serializer: Serializer,
    readonly topic: string,
    readonly port: Port<ClientMessage>
  ) {}

  // -- what the client says -----------------------------------------------------------------------

  receive(frame: unknown): void {
    const message = this.serializer.decode(frame)
    if (isRejected(message)) return this.port.deliver(message)
    if (message.topic === Absinthe.socket && message.event === Absinthe.heartbeat) {
      this.#heartbeats.push(message)
      return this.port.deliver({ _tag: "Ping" })
    }
    if (message.topic !== this.topic) {
      return this.#reply(message, "error", { reason: "unmatched topic" })
    }
    this.#receive(message)
  }

  #receive(message: PhoenixMessage): void {
    const { event, payload, ref } = message
    switch (event) {
      case Absinthe.join:
        this.#joining = message
        return this.port.deliver({ _tag: "ConnectionInit", payload })
      case Absinthe.doc: {
        if (!isId(ref)) return this.port.deliver(invalidField("ref", "a non-empty string", ref))
        const subscribe = readSubscribe(ref, payload)
        if (subscribe._tag === "Subscribe") this.#asked.set(subscribe.id, message)
        return this.port.deliver(subscribe)
      }
      case Absinthe.unsubscribe: {
        const { subscriptionId } = payload
        if (typeof subscriptionId !== "string") {
          const rejected = invalidField("payload.subscriptionId", "a string", subscriptionId)
          return this.port.deliver(rejected)
        }
        const id = this.#running.get(subscriptionId)
        this.#reply(message, "ok", { subscriptionId })
        if (id === undefined) return
        this.#running.delete(subscriptionId)
        return this.port.deliver({ _tag: "Complete", id })
      }
      case Absinthe.leave:
        this.#reply(message, "ok", {})
        this.#push(this.topic, Absinthe.closed, {})
        return this.port.deliver({ _tag: "ConnectionTerminate" })
    }
  }

  // -- what the server says -----------------------------------------------------------------------

  send(message: ServerMessage): void {
    switch (message._tag) {
      case "ConnectionAck":
        return this.#replyToJoin("ok", message.payload ?? {})
      case "ConnectionError":
        return this.#replyToJoin("error", message.payload ?? {})
      case "Disconnected":
        return this.#push(this.topic, Absinthe.crashed, {})
      case "Pong":
        return this.#reply(this.#heartbeats.shift(), "ok", {})
      case "Established":
        return this.#establish(message.id)
      case "Next":
      case "Result":
        return this.#result(message.id, message.payload)
      case "OperationFailed":
        // One that runs goes on: what fails of it is a result.
        return this.#running.has(nameOf(message.id))
          ? this.#result(message.id, { errors: message.payload })
          : this.#answer(message.id, "error", { errors: message.payload })
      case "Complete":
        // A query was complete with its answer; a subscription that runs has no other end than the client's.
        if (this.#running.has(nameOf(message.id))) return lacking(message)
        return this.#answer(message.id, "ok", {})
      case "Ping":
      case "KeepAlive":
        return lacking(message)
    }
  }

  #establish(id: string): void {
    if (!this.#asked.has(id)) return
    const name = nameOf(id)
    this.#running.set(name, id)
    this.#answer(id, "ok", { subscriptionId: name })
  }

  #result(id: string, result: ExecutionResult): void {
    const name = nameOf(id)
    if (this.#running.has(name)) {
      this.#push(name, Absinthe.published, { subscriptionId: name, result })
    } else {
      this.#answer(id, "ok", { ...result })
    }
  }

  #answer(id: string, status: string, response: JsonObject): void {
    const asked = this.#asked.get(id)
    this.#asked.delete(id)
    if (asked) this.#reply(asked, status, response)
  }

  #replyToJoin(status: string, response: JsonObject): void {
    // A second answer is one too many, which is the client's to see.
    const asked = this.#joining ?? { joinRef: Absinthe.joinRef, ref: Absinthe.joinRef }
    this.#reply({ ...asked, topic: this.topic }, status, response)
  }

  #reply(
    asked: Pick<PhoenixMessage, "joinRef" | "ref" | "topic"> | undefined,
    status: string,
    response: JsonObject
  ): void {
    if (asked === undefined || !isId(asked.ref)) return
    const { joinRef, ref, topic } = asked
    this.port.send(
      this.serializer.encode({
        joinRef,
        ref,
        topic,
        event: Absinthe.reply,
        payload: { status, response }
      })
    )
  }

  #push(topic: string, event: string, payload: JsonObject): void {
    this.port.send(this.serializer.encode({ joinRef: null, ref: null, topic, event, payload }))
  }
}
