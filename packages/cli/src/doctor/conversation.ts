/** The client's end of core's conversation, on a line. */
import type { ClientMessage } from "@fiberline/core/Message"
import type { ClientConversation } from "@fiberline/core/Subprotocol"
import * as Effect from "effect/Effect"
import type { Line } from "./prober.js"
import { type Protocol, type Said, saidBy } from "./protocol.js"
import type { Arrival } from "./transcript.js"

export class Conversation {
  readonly #conversation: ClientConversation
  readonly #said = new WeakMap<Arrival, Said>()
  #read = 0
  #heard: Said | undefined = undefined
  #toSend: Array<string> = []

  constructor(
    readonly line: Line,
    { subprotocol }: Protocol
  ) {
    this.#conversation = subprotocol.connect({
      send: (frame) => this.#toSend.push(frame),
      deliver: (message) => (this.#heard = saidBy(message))
    })
  }

  /** It may be nothing that is sent. */
  say(message: ClientMessage): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.#conversation.send(message)
      const frames = this.#toSend
      this.#toSend = []
      return Effect.forEach(frames, (frame) => this.line.send(frame), { discard: true })
    })
  }

  /**
   * What a frame says. Each is read once and in its turn, whoever asks for which; and none before something
   * was said, for there are servers that speak first.
   */
  read(arrival: Arrival): Said | undefined {
    for (const next of this.line.transcript.since(this.#read)) {
      this.#read++
      if (next._tag !== "Text") continue
      this.#heard = undefined
      this.#conversation.receive(next.text)
      // What has nothing to tell to somebody without operations is a message nonetheless.
      this.#said.set(next, this.#heard ?? { _tag: "Other" })
    }
    return this.#said.get(arrival)
  }
}
