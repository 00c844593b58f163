/**
 * Bugs that the simulation has to find. Each is one change to the source of the client or of `core`,
 * made in memory when the source is loaded, so that what is simulated is the client with that bug.
 */
import type { Invariant } from "../src/invariants.js"

export interface Mutant {
  readonly name: string
  /** From `packages`. */
  readonly file: string
  /** Stands in the file exactly once. */
  readonly find: string
  readonly replace: string
  /** What it violates, any one of them. */
  readonly violates: ReadonlyArray<Invariant>
  /** The first seed that is tried, where many before it do not show it; default 0. */
  readonly from?: number
  /** Within how many seeds it is found: several times as many as it took. */
  readonly seeds: number
}

const client = (name: string) => `client/src/internal/${name}.ts`

export const mutants: ReadonlyArray<Mutant> = [
  // -- what is spoken -----------------------------------------------------------------------------
  {
    name: "what was encoded ahead is sent in the words of another subprotocol",
    file: client("registry"),
    find: "    for (const entry of this.#entries.values()) entry.frame = undefined\n",
    replace: "",
    violates: [13],
    seeds: 400
  },
  {
    name: "a subprotocol without a ping is not asked for a sign of life",
    file: client("connection"),
    find: "    else this.#wire?.ping?.()\n",
    replace: "",
    violates: [17],
    seeds: 400
  },
  {
    name: "nobody is bounded who waits for a subscription to be established",
    file: client("registry"),
    find: "if (this.#connection?.establishes) this.#establishing.add(entry)",
    replace: "if (this.#connection?.establishes) return",
    violates: [15],
    seeds: 400
  },
  // -- being told ---------------------------------------------------------------------------------
  {
    name: "an operation is registered after it is sent",
    file: client("registry"),
    find: `    this.#entries.set(entry.id, entry)
    Metrics.activeOperations.unsafeUpdate(1, [])
    if (this.#connection?.isReady) this.#send(entry)
    else this.hooks.onDemand()`,
    replace: `    Metrics.activeOperations.unsafeUpdate(1, [])
    if (this.#connection?.isReady) this.#send(entry)
    this.#entries.set(entry.id, entry)
    if (!entry.isSent) this.hooks.onDemand()`,
    violates: [6],
    seeds: 400
  },
  {
    name: "the end of everything is told to nobody",
    file: client("registry"),
    find: "for (const entry of entries) entry.lost(entry.wasSent ? loss.sent : loss.unsent)",
    replace: "",
    violates: [1, 15],
    seeds: 100
  },
  {
    name: "a failure arrives as a bare interruption",
    file: client("loss"),
    find: "  sent: endingBy(Cause.fail(failure.of(true))),\n",
    replace: "  sent: endingBy(Cause.interrupt(failure as never)),\n",
    violates: [1],
    seeds: 100
  },
  {
    name: "an inbox ends with what it still holds",
    file: client("pull"),
    find: "if (this.#batch.length === 0 && !this.inbox.isEmpty) this.#batch",
    replace:
      "if (this.#batch.length === 0 && !this.inbox.isEmpty && !this.inbox.ended) this.#batch",
    violates: [5, 6],
    seeds: 800
  },
  {
    name: "a failure is not told to whoever was handed what came before it",
    file: client("pull"),
    find: "    if (this.#unreadable) return Effect.failCause(this.#unreadable)\n",
    replace: "",
    violates: [1],
    seeds: 1500
  },
  {
    name: "the end of one of many is not told",
    file: client("many"),
    find: "    this.isOver = true\n    this.many.ended(this, exit)",
    replace: "    this.isOver = true",
    violates: [1, 15],
    seeds: 100
  },
  {
    name: "nobody of many is told of a gap",
    file: client("many"),
    find: "    this.many.resumed(interruption, this.registry.hooks.now())",
    replace: "",
    violates: [5],
    seeds: 400
  },
  // -- a dead link --------------------------------------------------------------------------------
  {
    name: "silence is never taken for death",
    file: "core/src/Keepalive.ts",
    find: `return wasAsleep && !this.#reprobed ? "Probe" : "Dead"`,
    replace: `return "Probe"`,
    violates: [2],
    seeds: 100
  },
  {
    name: "what we send counts as a sign of life",
    file: "core/src/Keepalive.ts",
    find: "    this.#probedAt = now\n  }",
    replace: "    this.#heardAt = now\n  }",
    violates: [2],
    seeds: 100
  },
  {
    name: "the silence of a socket that is not read is taken for death",
    file: client("connection"),
    find: "    this.#keepalive?.pause()\n",
    replace: "",
    violates: [17],
    seeds: 200
  },
  {
    name: "the keepalive's failure is not the connection's",
    file: client("connection"),
    find: "        watcher.addObserver((exit) => this.#over.decide(exit))\n",
    replace: "",
    violates: [2],
    seeds: 100
  },
  {
    name: "a connection is left although somebody has come",
    file: client("supervisor"),
    find: "        if (this.#isNeeded) return Effect.void\n        if (registry.started",
    replace: "        if (registry.started",
    violates: [1, 12, 15, 16],
    from: 1100,
    seeds: 400
  },
  // -- bounds -------------------------------------------------------------------------------------
  {
    name: "closing waits for a peer that does not answer",
    file: client("connection"),
    find: "raceFirst(this.#ended.decided, Effect.sleep(this.options.closeTimeout))",
    replace: "this.#ended.decided",
    violates: [3, 12],
    seeds: 100
  },
  {
    name: "opening a socket takes as long as it takes",
    file: client("connection"),
    find: "within(connectTimeout, this.#open, () =>",
    replace: "within(1e9, this.#open, () =>",
    violates: [3],
    seeds: 100
  },
  {
    name: "the acknowledgement takes as long as it takes",
    file: client("connection"),
    find: "within(ackTimeout, this.#initialize, () =>",
    replace: "within(1e9, this.#initialize, () =>",
    violates: [3],
    seeds: 100
  },
  {
    name: "a query takes as long as it takes",
    file: client("execute"),
    find: "within(timeout, outcome, () =>",
    replace: "within(1e9, outcome, () =>",
    violates: [1, 3],
    seeds: 100
  },
  {
    name: "a socket is not destroyed",
    file: client("connection"),
    find: `        this.#step("CloseTimedOut")
        wire.terminate()`,
    replace: `        this.#step("CloseTimedOut")`,
    violates: [3, 4, 9, 12],
    seeds: 100
  },
  {
    name: "the next connection does not wait until the last is closed",
    file: client("run"),
    find: "Effect.ensuring(connection.close)",
    replace: "Effect.ensuring(Effect.forkDaemon(connection.close))",
    violates: [3, 4, 9],
    seeds: 100
  },
  // -- coming back --------------------------------------------------------------------------------
  {
    name: "the schedule starts afresh with every acknowledgement",
    file: client("supervisor"),
    find: "    this.registry.established(ack)\n",
    replace: "    this.registry.established(ack)\n    this.#recovery?.reset()\n",
    violates: [10],
    seeds: 1200
  },
  {
    name: "the schedule starts afresh with every failure",
    file: client("recovery"),
    find: "      this.#failures++\n",
    replace: "      this.reset()\n",
    violates: [10],
    seeds: 600
  },
  {
    name: "an attempt follows a loss at once",
    file: client("supervisor"),
    find: "if (this.#isNeeded) yield* this.#waitUntil(next)",
    replace: "",
    violates: [10, 12],
    seeds: 100
  },
  {
    name: "a subscription that resumes begins where it began",
    file: client("subscribed"),
    find: "if (this.#last !== undefined && after) return after(this.#last, this.variables)",
    replace: "",
    violates: [6],
    seeds: 100
  },
  {
    name: "a mutation that was sent is sent again",
    file: client("registry"),
    find: "if (entry.isSent && !entry.isRepeatable) {",
    replace: "if (false) {",
    violates: [8],
    seeds: 200
  },
  {
    name: "what was sent is said not to have been",
    file: client("loss"),
    find: "  sent: endingBy(Cause.fail(failure.of(true))),\n",
    replace: "  sent: endingBy(Cause.fail(failure.of(false))),\n",
    violates: [8],
    seeds: 120
  },
  // -- results ------------------------------------------------------------------------------------
  {
    name: "a result is delivered twice",
    file: client("registry"),
    find: "        return entry.next(message.payload)\n",
    replace: "        entry.next(message.payload)\n        return entry.next(message.payload)\n",
    violates: [5, 6],
    seeds: 100
  },
  {
    name: "what comes while a buffer is full is dropped",
    file: client("inbox"),
    find: "if (!this.session.canPause) return false\n          break",
    replace: "return true",
    violates: [5, 6],
    seeds: 600
  },
  {
    name: "a buffer is never full",
    file: client("inbox"),
    find: "if (this.#elements.length >= capacity) {\n      switch",
    replace: "if (false) {\n      switch",
    violates: [7],
    seeds: 300
  },
  {
    name: "a socket whose reading was stopped is not read again",
    file: client("registry"),
    find: "    if (this.canPause) this.#connection?.resume()\n",
    replace: "",
    violates: [15, 17],
    seeds: 200
  },
  // -- leaving ------------------------------------------------------------------------------------
  {
    name: "whoever leaves tells nobody",
    file: client("registry"),
    find: "if (this.#remove(entry.id) && entry.isSent) this.#connection?.stop(entry.id)",
    replace: "this.#remove(entry.id)",
    violates: [14],
    seeds: 120
  },
  {
    name: "nobody says that a connection is not needed",
    file: client("registry"),
    find: "return this.#entries.size > 0 || this.#waiters.size > 0",
    replace: "return true",
    violates: [16],
    seeds: 120
  },
  {
    name: "nothing is taken out of what the server says",
    file: client("secrets"),
    find: `return longestFirst.reduce((rest, secret) => rest.replaceAll(secret, "<redacted>"), text)`,
    replace: "return longestFirst.length > 0 ? text : text",
    violates: [11],
    seeds: 100
  }
]
