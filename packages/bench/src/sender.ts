/** Writes frames to a socket in large pieces, and waits when the operating system takes no more. */
import { Buffer } from "node:buffer"
import type { Socket } from "node:net"
import { performance } from "node:perf_hooks"

const chunkSize = 64 * 1024

/** Frames that are written when there is room for them. */
export interface Source {
  /** Writes the next frame into the chunk and returns where it ends. */
  readonly write: (chunk: Buffer, at: number) => number
  /** No frame is longer. */
  readonly longest: number
  readonly isDone: () => boolean
  /** What follows the last of them, which may be nothing. */
  readonly last: () => Buffer | undefined
}

export class Sender {
  /** Frames of its sources that were written. */
  poured = 0
  readonly #socket: Socket
  #sources: Array<Source> = []
  #isRunning = false
  #stalledSince: number | undefined = undefined
  #longestStall = 0

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /** One frame, at once: behind what was written, before what is yet to be. */
  push(frame: Buffer): void {
    if (this.#socket.writable) this.#socket.write(frame)
  }

  /** Frames until there are no more, one source after the other. */
  pour(source: Source): void {
    this.#sources.push(source)
    if (this.#isRunning) return
    this.#isRunning = true
    // By then, whatever else the client asked for with one write has been read, too.
    setImmediate(() => this.#run())
  }

  /** The longest time, in milliseconds, in which the operating system took nothing. */
  longestStall(now: number): number {
    const current = this.#stalledSince === undefined ? 0 : now - this.#stalledSince
    return Math.max(this.#longestStall, current)
  }

  #run(): void {
    while (this.#socket.writable) {
      const chunk = this.#fill()
      if (chunk.length === 0) break
      if (this.#socket.write(chunk)) continue
      this.#stalledSince = performance.now()
      this.#socket.once("drain", () => {
        this.#longestStall = this.longestStall(performance.now())
        this.#stalledSince = undefined
        this.#run()
      })
      return
    }
    this.#isRunning = false
  }

  #fill(): Buffer {
    const [first] = this.#sources
    const chunk = Buffer.allocUnsafe(Math.max(chunkSize, first?.longest ?? 0))
    let end = 0
    let done = 0
    for (const source of this.#sources) {
      while (!source.isDone() && end + source.longest <= chunk.length) {
        end = source.write(chunk, end)
        this.poured++
      }
      // What follows the last frame is shorter than a frame.
      if (!source.isDone() || end + source.longest > chunk.length) break
      const last = source.last()
      if (last !== undefined) end += last.copy(chunk, end)
      done++
    }
    this.#sources = this.#sources.slice(done)
    return chunk.subarray(0, end)
  }
}
