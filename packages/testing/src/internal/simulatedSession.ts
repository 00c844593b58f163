/** What the server makes of one connection: a `graphql-transport-ws` server, on the bare minimum. */
import { graphqlTransportWs } from "@fiberline/core/GraphQLTransportWs"
import type { JsonObject, OperationRequest, ServerMessage } from "@fiberline/core/Message"
import { textOf } from "../SimulatedNetwork.js"
import type { Faults } from "./faults.js"
import type { ServerSession, SimulatedServer } from "./simulatedServer.js"

const codec = graphqlTransportWs.server

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
  readonly sendDown: (frame: string) => void
  /** Closes with a close frame, behind what was sent. */
  readonly closeDown: (code: number, reason: string) => void
  readonly cut: () => void
  readonly misused: (detail: string) => void
}

export class SimulatedSession implements ServerSession {
  readonly #running = new Map<string, Running>()
  #unheeded: Array<() => void> | undefined = undefined
  #isInitialized = false
  #isAcknowledged = false
  #isOver = false
  #payload = ""

  constructor(
    readonly server: SimulatedServer,
    readonly faults: Faults,
    readonly link: SessionLink,
    /** What the client said in confidence before. */
    readonly confidences: string
  ) {
    server.sessions.add(this)
  }

  /** Everything it was told in confidence. */
  get overheard(): string {
    return `${this.confidences} ${this.#payload}`
  }

  /** Acknowledged, and doing its work. */
  get isWell(): boolean {
    return this.#isAcknowledged && this.#unheeded === undefined && !this.#isOver
  }

  /** A frame that is well formed, and not to be sent in this state. */
  get unexpected(): string {
    return this.#isAcknowledged
      ? codec.encode({ _tag: "ConnectionAck" })
      : codec.encode({ _tag: "Next", id: "1", payload: { data: null } })
  }

  get subscribers(): ReadonlyArray<string> {
    return Array.from(this.#running.values(), ({ who }) => who)
  }

  end(): void {
    this.#isOver = true
    this.#running.clear()
    this.server.sessions.delete(this)
  }

  cut(): void {
    this.link.cut()
  }

  /** Does nothing for so long, and then all that was left undone. */
  freeze(millis: number): void {
    this.#unheeded ??= []
    this.server.time.after(millis, () => {
      const unheeded = this.#unheeded ?? []
      this.#unheeded = undefined
      for (const task of unheeded) task()
      this.flush()
    })
  }

  /** Does something, now or when it has thawed. */
  heed(task: () => void): void {
    if (this.#isOver) return
    if (this.#unheeded) this.#unheeded.push(task)
    else task()
  }

  flush(): void {
    if (this.#unheeded) return
    for (const [id, running] of this.#running) {
      while (running.after < this.server.published && running.left > 0) {
        const number = ++running.after
        running.left--
        const data = { event: { number, text: textOf(number) } }
        this.#send({ _tag: "Next", id, payload: { data } })
      }
      if (running.left === 0) {
        this.#running.delete(id)
        this.#send({ _tag: "Complete", id })
      }
    }
  }

  receive(text: string): void {
    const message = codec.decode(text)
    switch (message._tag) {
      case "Rejected":
        return this.link.misused(`${message.detail}: ${text}`)
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
        return
    }
  }

  #initialize(payload: JsonObject | undefined): void {
    if (this.#isInitialized) this.link.misused("a second connection_init")
    this.#isInitialized = true
    this.#payload = JSON.stringify(payload ?? {})
    if (this.faults.draw("unacknowledged")) {
      return this.faults.count("unacknowledged", this.link.id)
    }
    this.#isAcknowledged = true
    this.#send({ _tag: "ConnectionAck", payload: { server: "simulated" } })
    if (this.faults.draw("dropped")) {
      this.faults.count("dropped", this.link.id)
      this.link.closeDown(
        this.server.time.dice.pick([1000, 1001, 1006, 1011, 1012]),
        this.overheard
      )
    }
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
      this.#running.set(id, { who: String(who), after: Number(after), left: Number(count) })
      return this.flush()
    }
    const executed = this.server.execute(String(variables.key))
    if (this.faults.draw("unfinished")) return this.faults.count("unfinished", this.link.id)
    this.#send({ _tag: "Next", id, payload: { data: { executed } } })
    this.#send({ _tag: "Complete", id })
  }

  #send(message: ServerMessage): void {
    this.link.sendDown(codec.encode(message))
  }
}
