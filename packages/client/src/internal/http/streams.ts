/** Subscriptions that have a connection each. */
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Status from "../../Status.js"
import type { Options } from "../options.js"
import type { Registry } from "../registry.js"
import type { Secrets } from "../secrets.js"
import { assemble, type Host } from "../session.js"
import type { Supervisor } from "../supervisor.js"
import type { Transport } from "../transport.js"
import { Watched } from "../watched.js"

/** One subscription's session. */
interface StreamSession {
  readonly registry: Registry
  readonly supervisor: Supervisor
  status: Status.Status
  fiber: Fiber.RuntimeFiber<void> | undefined
}

export class Streams {
  readonly #sessions = new Set<StreamSession>()
  readonly status = new Watched<Status.Status>(Status.Idle())
  #isClosed = false

  constructor(
    readonly options: Options,
    readonly host: Host,
    readonly secrets: Secrets
  ) {}

  /** A place for one subscription, which there is for as long as that runs. */
  open(transport: Transport): Registry {
    const { registry, supervisor } = assemble(
      this.options,
      transport,
      this.host,
      (status) => {
        session.status = status
        this.#show(status)
      },
      this.secrets,
      () => this.#serve(session)
    )
    const session: StreamSession = { registry, supervisor, status: Status.Idle(), fiber: undefined }
    if (this.#isClosed) supervisor.refuse()
    return registry
  }

  /** Its one operation needs a connection. */
  #serve(session: StreamSession): void {
    if (session.fiber !== undefined) return
    this.#sessions.add(session)
    session.fiber = this.host.fibers.start(Effect.suspend(() => session.supervisor.serveOnce))
    session.fiber.addObserver(() => {
      this.#sessions.delete(session)
      if (session.status._tag !== "Failed") this.#show(session.status)
    })
  }

  /** That of the one which is worst off; of no one's, that of the last. */
  #show(last: Status.Status): void {
    if (this.#isClosed) return
    let worst = last
    for (const { status } of this.#sessions) {
      if (severity[status._tag] > severity[worst._tag]) worst = status
    }
    this.status.set(worst)
  }

  /** Replaces the connection of each by a new one. */
  reconnect(): void {
    for (const { supervisor } of this.#sessions) supervisor.ask()
  }

  /** Takes at most `closeTimeout`, and a little, for all of them. */
  get close(): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.#isClosed = true
      this.status.set(Status.Closing())
      const sessions = Array.from(this.#sessions)
      for (const { supervisor } of sessions) supervisor.refuse()
      return Effect.forEach(
        sessions,
        ({ fiber, supervisor }) => (fiber ? supervisor.stop(fiber) : Effect.void),
        { concurrency: "unbounded", discard: true }
      )
    })
  }
}

const severity: { readonly [Tag in Status.Status["_tag"]]: number } = {
  Closed: 0,
  Closing: 0,
  Idle: 1,
  Failed: 2,
  Live: 3,
  Connecting: 4,
  Reconnecting: 5
}
