/**
 * Keepalive as deadlines: when to probe a silent peer, and when to call it dead.
 *
 * There is no timer here. Whoever drives it sleeps for `wait(now)` milliseconds, asks what is
 * `due(now)`, does it, and begins again. `now` is milliseconds on any clock.
 *
 * The bound: a peer that falls silent is called dead exactly `interval + timeout` after the last
 * thing heard from it. For the bound to hold, the driver must not sleep longer than `wait`.
 *
 * @since 0.1.0
 */

/**
 * @since 0.1.0
 * @category models
 */
export interface KeepaliveSettings {
  /** Milliseconds of silence after which the peer is probed. */
  readonly interval: number
  /** Milliseconds the peer has to let anything at all be heard after a probe. */
  readonly timeout: number
  /**
   * Whether the peer is probed every `interval`, also while it is heard and while we do not read: for one
   * that wants to hear of us. Default `false`.
   */
  readonly always?: boolean
}

/**
 * What is to be done now.
 *
 * - `Wait`: nothing
 * - `Probe`: send a ping and call `probed`
 * - `Dead`: the probe went unanswered
 *
 * @since 0.1.0
 * @category models
 */
export type KeepaliveDue = "Wait" | "Probe" | "Dead"

/**
 * A nanosecond, in milliseconds: timers count no less. Adding fractions may leave a rest below it,
 * and whoever slept for that would wake at the very same instant, for ever.
 */
const resolution = 1e-6

/**
 * @since 0.1.0
 * @category models
 */
export class Keepalive {
  #heardAt: number
  #probedAt: number | undefined = undefined
  /** When it was probed last, answered or not. */
  #saidAt: number
  #reprobed = false
  #paused = false
  #roundTrip: number | undefined = undefined
  #answers = 0

  constructor(
    readonly settings: KeepaliveSettings,
    now: number
  ) {
    this.#heardAt = now
    this.#saidAt = now
  }

  /**
   * Something arrived. Whatever it was, it answers an outstanding probe, and only what arrives
   * *after* a probe does: a pong that nobody asked for cannot hide one that stays away.
   */
  heard(now: number): void {
    if (this.#probedAt !== undefined) {
      this.#roundTrip = Math.max(0, now - this.#probedAt)
      this.#answers++
    }
    this.#restart(now)
  }

  /** A probe was sent. */
  probed(now: number): void {
    this.#saidAt = now
    // Its answer will not be read.
    if (this.#paused) return
    // A clock that was set back made us ask again, not a probe that went unanswered.
    if (this.#probedAt !== undefined && now >= this.#probedAt) this.#reprobed = true
    this.#probedAt = now
  }

  /** We stopped reading: silence says nothing about the peer until `resume`. */
  pause(): void {
    this.#paused = true
  }

  /** We read again, and give the peer its full time from here. */
  resume(now: number): void {
    this.#paused = false
    // Not `heard`: a probe whose answer we did not read has measured our pause.
    this.#restart(now)
  }

  /** Milliseconds from the last answered probe to its answer; `undefined` before the first. */
  get roundTrip(): number | undefined {
    return this.#roundTrip
  }

  /** How many probes were answered. */
  get answers(): number {
    return this.#answers
  }

  /** How long nothing has been heard, in milliseconds. */
  silentFor(now: number): number {
    return Math.max(0, now - this.#heardAt)
  }

  /**
   * When something will be due unless something is heard before; `Infinity` while paused, but for a peer that
   * is probed in any case.
   */
  get deadline(): number {
    const { always = false, interval, timeout } = this.settings
    const next = always ? this.#saidAt + interval : Infinity
    if (this.#paused) return next
    return this.#probedAt === undefined
      ? Math.min(next, this.#heardAt + interval)
      : this.#probedAt + timeout
  }

  /**
   * Milliseconds the driver may sleep.
   *
   * Never more than `interval`: an answer heard during the sleep sets a new deadline, at the
   * earliest `interval` from then, and the driver must be awake for it.
   */
  wait(now: number): number {
    return Math.min(Math.max(0, this.deadline - now), this.settings.interval)
  }

  due(now: number): KeepaliveDue {
    if (this.#paused && !this.settings.always) return "Wait"
    // A clock that was set back says nothing about how long it has been. Asking is always safe.
    if (now < (this.settings.always ? this.#saidAt : (this.#probedAt ?? this.#heardAt)))
      return "Probe"
    const late = now - this.deadline
    if (late < -resolution) return "Wait"
    if (this.#paused || this.#probedAt === undefined) return "Probe"
    // A timer that is late by another whole `timeout` means that we were not running (a machine
    // asleep, a blocked event loop), so the answer had no chance to be heard. Ask once more; only
    // once, or a process that is always late would never notice anything.
    const wasAsleep = late >= this.settings.timeout && late > 0
    return wasAsleep && !this.#reprobed ? "Probe" : "Dead"
  }

  /** Counts the silence from here. */
  #restart(now: number): void {
    this.#heardAt = now
    this.#probedAt = undefined
    this.#reprobed = false
  }
}
