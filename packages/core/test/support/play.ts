/** Connections in which anything happens that may: who says what when, and when it arrives. */
import type { ExecutionResult, ServerMessage } from "@fiberline/core/Message"
import type { Subprotocol } from "@fiberline/core/Subprotocol"
import * as fc from "fast-check"
import { Coupled } from "./coupled.js"

/**
 * - `up`, `down`: a frame arrives
 * - `overtake`: what is published arrives before what was said otherwise
 * - `speak`: the server says something of one of its operations
 */
export interface Scene {
  readonly what: "ask" | "leave" | "up" | "down" | "overtake" | "speak"
  /** Of those that there are, which; and of what can be said of it, what. */
  readonly which: number
}

export const scenes: fc.Arbitrary<ReadonlyArray<Scene>> = fc.array(
  fc.record({
    what: fc.constantFrom("ask", "leave", "up", "up", "down", "down", "overtake", "speak", "speak"),
    which: fc.nat()
  }),
  { maxLength: 80, size: "max" }
)

/** What a server has of an operation. */
type Run = "asked" | "established"

interface Account {
  /** What the server said of it, as the client is to hear it. */
  readonly said: ReadonlyArray<unknown>
  readonly heard: ReadonlyArray<unknown>
  readonly wasLeft: boolean
  /** How often the server was told while it ran it. */
  readonly stops: number
}

export class Play {
  readonly ids: Array<string> = []
  /** What the client heard of operations that it had left. */
  readonly heardInVain: Array<unknown> = []
  readonly #left = new Set<string>()
  readonly #over = new Set<string>()
  readonly #running = new Map<string, Run>()
  readonly #said = new Map<string, Array<unknown>>()
  readonly #stops = new Map<string, number>()
  #read = 0
  #heard = 0
  #count = 0

  constructor(
    readonly subprotocol: Subprotocol,
    readonly coupled = new Coupled(subprotocol)
  ) {
    coupled.open()
    this.#note()
  }

  perform(scenes: ReadonlyArray<Scene>): this {
    for (const scene of scenes) this.act(scene)
    return this
  }

  act({ what, which }: Scene): void {
    const { client, down, overtake, up } = this.coupled
    switch (what) {
      case "ask": {
        const id = String(this.ids.length + 1)
        this.ids.push(id)
        client.end.send({ _tag: "Subscribe", id, payload: { query: "subscription { n }" } })
        break
      }
      case "leave": {
        const id = chosen(
          this.ids.filter((id) => !this.#left.has(id) && !this.#over.has(id)),
          which
        )
        if (id !== undefined) this.#leave(id)
        break
      }
      case "up":
        up()
        break
      case "down":
        down()
        break
      case "overtake":
        // Absinthe's servers publish past the channel, which replies.
        overtake(`"subscription:data"`)
        break
      case "speak":
        this.#speak(which)
        break
    }
    this.#note()
  }

  /** Leaves whatever is there. */
  leaveAll(): void {
    for (const id of this.ids) if (!this.#left.has(id) && !this.#over.has(id)) this.#leave(id)
  }

  /** Until nothing is under way, and nothing waits for an answer. */
  answerAll(): void {
    for (;;) {
      this.coupled.settle()
      this.#note()
      const [asked] = [...this.#running].find(([, run]) => run === "asked") ?? []
      if (asked === undefined) return
      this.#say({ _tag: "OperationFailed", id: asked, payload: [{ message: "no" }] })
      this.#running.delete(asked)
    }
  }

  of(id: string): Account {
    this.#note()
    return {
      said: this.#said.get(id) ?? [],
      heard: this.coupled.client.heard.filter((message) => "id" in message && message.id === id),
      wasLeft: this.#left.has(id),
      stops: this.#stops.get(id) ?? 0
    }
  }

  /** What the server runs though it was left. */
  get unwanted(): ReadonlyArray<string> {
    this.#note()
    return [...this.#running.keys()].filter((id) => this.#left.has(id))
  }

  #leave(id: string): void {
    this.#left.add(id)
    this.coupled.client.end.send({ _tag: "Complete", id })
  }

  /** Says one of the things that a server can say of one of its operations. */
  #speak(which: number): void {
    const entry = chosen([...this.#running], which)
    if (entry === undefined) return
    const [id, run] = entry
    const { lacks } = this.subprotocol
    const payload: ExecutionResult = { data: { n: ++this.#count } }
    const next: ServerMessage = { _tag: "Next", id, payload }
    const failed: ServerMessage = { _tag: "OperationFailed", id, payload: [{ message: "no" }] }
    const complete: ServerMessage = { _tag: "Complete", id }
    const result: ServerMessage = { _tag: "Result", id, payload }
    const isQuiet = lacks.has("Established")
    if (run === "asked" && !isQuiet) {
      const options: ReadonlyArray<ServerMessage> = [
        { _tag: "Established", id },
        ...(lacks.has("Result") ? [] : [result]),
        failed
      ]
      const message = options[(which >> 3) % options.length] ?? failed
      this.#say(message)
      if (message._tag === "Established") this.#running.set(id, "established")
      else this.#running.delete(id)
      return
    }
    // Where nothing ends a subscription but that it is left, its results are all that there is.
    const options: ReadonlyArray<ServerMessage> = lacks.has("ServerComplete")
      ? [next]
      : [next, next, complete, failed, ...(lacks.has("Result") ? [] : [result])]
    const message = options[(which >> 3) % options.length] ?? next
    this.#say(message)
    if (message._tag !== "Next") this.#running.delete(id)
  }

  #say(message: ServerMessage): void {
    if (!("id" in message)) return
    this.#said.set(message.id, [...(this.#said.get(message.id) ?? []), message])
    this.coupled.server.end.send(message)
  }

  /** Takes note of what both ends have heard since. */
  #note(): void {
    const { client, server } = this.coupled
    for (const message of server.heard.slice(this.#read)) {
      this.#read++
      if (message._tag === "Subscribe") this.#running.set(message.id, "asked")
      if (message._tag !== "Complete" || !this.#running.delete(message.id)) continue
      this.#stops.set(message.id, (this.#stops.get(message.id) ?? 0) + 1)
    }
    for (const message of client.heard.slice(this.#heard)) {
      this.#heard++
      if (!("id" in message)) continue
      const isStateless = "client" in this.subprotocol
      // Where there is no state, whoever reads the messages drops what comes for nobody.
      if (this.#left.has(message.id) && !isStateless) this.heardInVain.push(message)
      if (["Result", "OperationFailed", "Complete"].includes(message._tag))
        this.#over.add(message.id)
    }
  }
}

const chosen = <A>(among: ReadonlyArray<A>, which: number): A | undefined =>
  among[which % among.length]
