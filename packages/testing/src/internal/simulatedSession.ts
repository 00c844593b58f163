/** What the server makes of one connection: a server of the subprotocols, on the bare minimum. */
import { graphqlTransportWs } from "@fiberline/core/GraphQLTransportWs"
import type { Conversation, Subprotocol } from "@fiberline/core/Subprotocol"
import type { WireEnd, WireRequest } from "@fiberline/client/Wire"
import type {
  ClientMessage,
  JsonObject,
  OperationRequest,
  Rejected,
  ServerMessage
} from "@fiberline/core/Message"
import { textOf } from "../SimulatedNetwork.js"
import { Attention } from "./attention.js"
import type { Faults } from "./faults.js"
import type { Session } from "./simulatedHost.js"
import type { ServerSession, SimulatedServer } from "./simulatedServer.js"
import { offered, unexpected } from "./spoken.js"

interface Running {
  readonly who: string
  /** The last event that was sent. */
  after: number
  /** How many it still gets. */
  left: number
}

/** What a session needs of its link. */
export interface SessionLink {
  readonly id: number
  /** Answers the upgrade, with this subprotocol. */
  readonly accept: (subprotocol: string) => void
  /** Answers it otherwise. */
  readonly refuse: (end: WireEnd) => void
  readonly sendDown: (frame: string) => void
  /** Answers a ping frame. */
  readonly pongDown: () => void
  /** Closes with a close frame, behind what was sent. */
  readonly closeDown: (code: number, reason: string) => void
  readonly cut: () => void
  readonly misused: (detail: string) => void
}

export class SimulatedSession implements Session, ServerSession {
  readonly #running = new Map<string, Running>()
  readonly #attention: Attention
  #subprotocol: Subprotocol = graphqlTransportWs
  #conversation: Conversation<ServerMessage> | undefined = undefined
  #isInitialized = false
  #isAcknowledged = false
  #payload = ""

  constructor(
    readonly server: SimulatedServer,
    readonly faults: Faults,
    readonly link: SessionLink,
    readonly request: WireRequest,
    /** What the client said in confidence before. */
    readonly confidences: string
  ) {
    this.#attention = new Attention(server.time)
    server.sessions.add(this)
  }

  get overheard(): string {
    return `${this.confidences} ${this.#payload}`
  }

  get isWell(): boolean {
    return this.#attention.isWell
  }

  get subscribers(): ReadonlyArray<string> {
    return Array.from(this.#running.values(), ({ who }) => who)
  }

  end(): void {
    this.#attention.end()
    this.#running.clear()
    this.server.sessions.delete(this)
  }

  cut(): void {
    this.link.cut()
  }

  freeze(millis: number): void {
    this.#attention.freeze(millis)
  }

  begin(): void {
    const [first = graphqlTransportWs, ...others] = offered(this.request)
    // Not drawn where there is no choice.
    this.#subprotocol = others.length > 0 ? this.server.time.dice.pick([first, ...others]) : first
    this.link.accept(this.#subprotocol.name)
    this.#conversation = this.#subprotocol.accept({
      send: this.link.sendDown,
      deliver: (message) => this.#deliver(message)
    })
  }

  receive(frame: string): void {
    this.#attention.heed(() => this.#conversation?.receive(frame))
  }

  pinged(): void {
    this.#attention.heed(() => this.link.pongDown())
  }

  sendUnexpected(isAcknowledged: boolean): void {
    this.#send(unexpected(isAcknowledged))
  }

  closed(code: number, reason: string): void {
    this.#attention.heed(() => this.link.closeDown(code, reason))
  }

  flush(): void {
    this.#attention.heed(() => this.#publish())
  }

  #publish(): void {
    for (const [id, running] of this.#running) {
      while (running.after < this.server.published && running.left > 0) {
        const number = ++running.after
        running.left--
        const data = { event: { number, text: textOf(number) } }
        this.#send({ _tag: "Next", id, payload: { data } })
      }
      if (running.left === 0) {
        this.#running.delete(id)
        if (!this.#subprotocol.lacks.has("ServerComplete")) this.#send({ _tag: "Complete", id })
      }
    }
  }

  #deliver(message: ClientMessage | Rejected): void {
    switch (message._tag) {
      case "Rejected":
        return this.link.misused(message.detail)
      case "ConnectionInit":
        return this.#initialize(message.payload)
      case "Subscribe":
        return this.#subscribe(message.id, message.payload)
      case "Complete":
        this.#running.delete(message.id)
        return
      case "Ping":
        return this.#send({ _tag: "Pong" })
      case "Pong":
      case "ConnectionTerminate":
        return
    }
  }

  #initialize(payload: JsonObject | undefined): void {
    if (this.#isInitialized) this.link.misused("a second connection_init")
    this.#isInitialized = true
    this.#payload = JSON.stringify(payload ?? {})
    this.#isAcknowledged = true
    this.#send({ _tag: "ConnectionAck", payload: { server: "simulated" } })
  }

  #subscribe(id: string, { query, variables = {} }: OperationRequest): void {
    if (!this.#isAcknowledged) this.link.misused("an operation before the acknowledgement")
    if (this.#running.has(id)) this.link.misused(`two operations of the id ${id}`)
    if (this.faults.draw("failed")) {
      this.faults.count("failed", this.link.id)
      const message = `no, ${this.overheard}`
      return this.#send({ _tag: "OperationFailed", id, payload: [{ message }] })
    }
    if (query.startsWith("subscription")) {
      const { after = this.server.published, count = Infinity, who } = variables
      if (!this.#establish(id)) return
      this.#running.set(id, { who: String(who), after: Number(after), left: Number(count) })
      return this.#publish()
    }
    const executed = this.server.execute(String(variables.key))
    if (this.faults.draw("unfinished")) return this.faults.count("unfinished", this.link.id)
    this.#send({ _tag: "Next", id, payload: { data: { executed } } })
    this.#send({ _tag: "Complete", id })
  }

  /** Says that a subscription runs, where there is a word for that, unless it is not to be. */
  #establish(id: string): boolean {
    if (this.#subprotocol.lacks.has("Established")) return true
    const isForgotten = this.faults.draw("unestablished")
    if (isForgotten) this.faults.count("unestablished", this.link.id)
    else this.#send({ _tag: "Established", id })
    return !isForgotten
  }

  #send(message: ServerMessage): void {
    this.#conversation?.send(message)
  }
}
