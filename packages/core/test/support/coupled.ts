/** Both ends of a connection, with what is under way between them. */
import type { ClientMessage, Rejected, ServerMessage } from "@fiberline/core/Message"
import type { ClientConversation, Conversation, Subprotocol } from "@fiberline/core/Subprotocol"

/** One end by itself: what it wrote, and what it made of what it was given. */
export interface End<out Conversing, out Incoming> {
  readonly end: Conversing
  readonly sent: Array<string>
  readonly heard: Array<Incoming | Rejected>
}

export const clientOf = ({ connect }: Subprotocol): End<ClientConversation, ServerMessage> => {
  const sent: Array<string> = []
  const heard: Array<ServerMessage | Rejected> = []
  const end = connect({
    send: (frame) => void sent.push(frame),
    deliver: (message) => void heard.push(message)
  })
  return { end, sent, heard }
}

export const serverOf = ({
  accept
}: Subprotocol): End<Conversation<ServerMessage>, ClientMessage> => {
  const sent: Array<string> = []
  const heard: Array<ClientMessage | Rejected> = []
  const end = accept({
    send: (frame) => void sent.push(frame),
    deliver: (message) => void heard.push(message)
  })
  return { end, sent, heard }
}

export class Coupled {
  readonly client: End<ClientConversation, ServerMessage>
  readonly server: End<Conversation<ServerMessage>, ClientMessage>
  #up = 0
  #down = 0

  constructor(readonly subprotocol: Subprotocol) {
    this.client = clientOf(subprotocol)
    this.server = serverOf(subprotocol)
  }

  /** Hands the server what has been under way to it for longest. Says whether there was anything. */
  readonly up = (): boolean => {
    const frame = this.client.sent[this.#up]
    if (frame === undefined) return false
    this.#up++
    this.server.end.receive(frame)
    return true
  }

  /** Hands the client what has been under way to it for longest. */
  readonly down = (): boolean => {
    const frame = this.server.sent[this.#down]
    if (frame === undefined) return false
    this.#down++
    this.client.end.receive(frame)
    return true
  }

  /** Hands the client the first frame under way that has this in it, before all that is ahead of it. */
  readonly overtake = (text: string): void => {
    const { sent } = this.server
    const at = sent.findIndex((frame, at) => at >= this.#down && frame.includes(text))
    if (at === -1) return
    sent.splice(this.#down, 0, ...sent.splice(at, 1))
    this.down()
  }

  /** Until nothing is under way, whatever answers whatever. */
  readonly settle = (): void => {
    while (this.up() || this.down()) continue
  }

  /** The beginning of a connection, as far as operations. */
  open(payload?: { readonly [key: string]: unknown }): void {
    this.client.end.send({ _tag: "ConnectionInit", ...(payload && { payload }) })
    this.settle()
    this.server.end.send({ _tag: "ConnectionAck" })
    this.settle()
  }
}
