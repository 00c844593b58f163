/** One connection of a server that sends a script of bytes, and then goes on as if they were nothing. */
import type { Socket } from "node:net"
import { ExpectedSession, type OperationName, operations } from "./expectedSession.js"
import { closeFrame, encodeFrame, type Incoming, textFrame } from "./rawFrames.js"
import { type RawListener, toResponse, upgrade, writeParts } from "./rawServer.js"

export interface Script {
  /**
   * When the bytes are sent: in one segment with the answer to the upgrade, in place of the
   * acknowledgement, or once all operations are under way.
   */
  readonly stage: "upgrade" | "acknowledging" | "live"
  readonly render: (ids: Ids) => Buffer
  /** Where the bytes are cut into parts that arrive one by one, from 0 to 1. */
  readonly cuts: ReadonlyArray<number>
  /** What follows the bytes: a session that completes in order, or a cut. */
  readonly ending: "complete" | "fin" | "reset"
  /**
   * How the server leaves once all operations have completed; with "stay", it also takes no notice of
   * a client that leaves.
   */
  readonly farewell: "fin" | "reset" | "close" | "stay"
}

export type Ids = { readonly [Name in OperationName]: string }

const unknownIds: Ids = { feed: "none", inline: "none", ask: "none" }

const message = (fields: object): Buffer => encodeFrame(textFrame(JSON.stringify(fields)))

const acknowledgement = message({ type: "connection_ack" })

/** What an operation gets that got nothing else. */
export const marker = { marker: true }

/** What ends each operation that the script has left running. */
const completion = (ids: Ids): Buffer =>
  Buffer.concat(
    operations.flatMap((name) => [
      message({ type: "next", id: ids[name], payload: { data: marker } }),
      message({ type: "complete", id: ids[name] })
    ])
  )

export class Exchange implements RawListener {
  readonly expected: ExpectedSession
  readonly pongs: Array<unknown> = []
  readonly rawPongs: Array<string> = []
  told: number | undefined = undefined
  /** What a client must never send. */
  readonly faults: Array<string> = []
  /** The script as it was sent. */
  script: Buffer = Buffer.alloc(0)
  isCut = false
  isClosed = false
  #socket: Socket | undefined = undefined
  #ids: Ids = unknownIds
  readonly #subscribed = new Set<OperationName>()
  readonly #done = new Set<"init" | "ack" | "script" | "completion">()
  #isWriting = false

  constructor(
    readonly plan: Script,
    readonly maxFrameSize: number
  ) {
    this.expected = new ExpectedSession(maxFrameSize)
  }

  readonly onRequest = (socket: Socket, accept: string): void => {
    this.#socket = socket
    const response = toResponse(upgrade(accept))
    if (this.plan.stage === "upgrade") this.#sendScript(response)
    else socket.write(response)
  }

  readonly onFrame = (incoming: Incoming): void => {
    switch (incoming._tag) {
      case "Text":
        return this.#onMessage(incoming.text)
      case "Pong":
        this.rawPongs.push(incoming.payload.toString("hex"))
        return
      case "Closed":
        this.told = incoming.code
        if (this.plan.farewell === "stay") return
        this.#socket?.end(encodeFrame(closeFrame(1000)))
        return
      default:
        this.faults.push(`the client sent ${JSON.stringify(incoming)}`)
    }
  }

  readonly onClose = (): void => {
    this.isClosed = true
  }

  /** Leaves, now that all operations have ended. */
  leave(): void {
    if (this.isCut || this.expected.isOver) return
    const { farewell } = this.plan
    if (farewell === "reset") this.#socket?.resetAndDestroy()
    else if (farewell === "close") this.#socket?.write(encodeFrame(closeFrame(1000)))
    else this.#socket?.end()
  }

  #onMessage(text: string): void {
    const message: { type: string; id: string; payload?: { query?: string } } = JSON.parse(text)
    switch (message.type) {
      case "connection_init":
        this.#done.add("init")
        break
      case "subscribe": {
        const name = operations.find((name) => message.payload?.query?.includes(name)) ?? "ask"
        this.#subscribed.add(name)
        this.#ids = { ...this.#ids, [name]: message.id }
        this.expected.started(name, message.id)
        break
      }
      case "pong":
        this.pongs.push(message.payload)
        break
      case "complete":
      case "ping":
        break
      default:
        this.faults.push(`the client sent ${text}`)
    }
    this.#proceed()
  }

  /** Does what can be done by now. */
  #proceed(): void {
    const done = this.#done
    const { ending, stage } = this.plan
    if (this.#isWriting || this.isCut) return
    if (done.has("script") && ending !== "complete") return this.#cut()
    if (this.expected.isOver || !done.has("init")) return
    const isReady = this.#subscribed.size === operations.length
    if (!done.has("script") && (stage === "acknowledging" || isReady)) {
      return this.#sendScript()
    }
    if (!this.expected.isAcknowledged) {
      // Whatever is still to come of the script has swallowed it.
      return done.has("ack") ? this.#cut() : this.#send("ack", acknowledgement)
    }
    if (!isReady) return
    if (!done.has("completion")) return this.#send("completion", completion(this.#ids))
    if (!this.expected.isDone) this.#cut()
  }

  #sendScript(before: Buffer = Buffer.alloc(0)): void {
    this.script = this.plan.render(this.#ids)
    this.#send("script", this.script, before)
  }

  /** Sends bytes, of which the client is expected to make what the specifications do. */
  #send(what: "ack" | "script" | "completion", bytes: Buffer, before?: Buffer): void {
    this.#done.add(what)
    this.expected.receive(bytes)
    const { cuts, stage } = this.plan
    const parts = what === "script" && stage !== "upgrade" ? cut(bytes, cuts) : [bytes]
    if (this.#socket === undefined) return
    this.#isWriting = true
    writeParts(this.#socket, before ? [Buffer.concat([before, ...parts])] : parts, () => {
      this.#isWriting = false
      this.#proceed()
    })
  }

  #cut(): void {
    this.isCut = true
    if (!this.expected.isOver) this.expected.cut()
    if (this.plan.ending === "reset") this.#socket?.resetAndDestroy()
    else this.#socket?.end()
  }
}

const cut = (bytes: Buffer, cuts: ReadonlyArray<number>): ReadonlyArray<Buffer> => {
  const ends = [...cuts.map((at) => Math.floor(at * bytes.length)), bytes.length]
  ends.sort((a, b) => a - b)
  return ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end))
}
