/**
 * A whole program in virtual time, wholly determined by a seed.
 *
 * Nothing is left to the host: fibers run on a queue of the run's own, time passes when no fiber can
 * run, and whatever is drawn is drawn from the seed. Fibers are made to wait at arbitrary
 * instructions, so that whatever may happen between two instructions does happen, for some seed. The
 * same seed gives the same run to the last step, and hours pass in milliseconds.
 *
 * ```
 * a fiber can run ──▶ it runs, up to the next instruction at which it waits
 * none can        ──▶ time jumps to the next timer; with none left, the run is stuck
 * ```
 *
 * The host's timers and sockets have no place in such a program: to the run they never happen.
 * Promises have one in `runPromise`.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import type { Scheduler } from "effect/Scheduler"
import { Fifo } from "./internal/fifo.js"
import { Timers } from "./internal/timers.js"

/**
 * Numbers that look like chance and come from a seed.
 *
 * @since 0.1.0
 * @category models
 */
export interface Dice {
  /** A number from 0 up to 1, which is not reached. */
  readonly number: () => number
  /** Whether something of this probability happens. */
  readonly chance: (probability: number) => boolean
  /** A whole number from `min` to `max`, both included. */
  readonly between: (min: number, max: number) => number
  readonly pick: <A>(choices: readonly [A, ...ReadonlyArray<A>]) => A
  /** Dice of their own: what is drawn from the one does not change what is drawn from the other. */
  readonly split: () => Dice
}

/**
 * How a run ended.
 *
 * - `Ended`: with the program's exit
 * - `Stuck`: it waits for something that no timer will bring
 * - `Endless`: it took more steps than it was allowed
 *
 * @since 0.1.0
 * @category models
 */
export type Outcome<A, E> =
  | { readonly _tag: "Ended"; readonly exit: Exit.Exit<A, E> }
  | { readonly _tag: "Stuck" }
  | { readonly _tag: "Endless" }

/**
 * @since 0.1.0
 * @category models
 */
export interface VirtualTimeOptions {
  /** Of everything that is drawn: a whole number. */
  readonly seed: number
  /**
   * After how many instructions, on average, a fiber is made to wait for the others; default 100, at least 40,
   * `Infinity` for Effect's own 2048 alone.
   */
  readonly yieldEvery?: number | undefined
  /** Steps after which a run is `Endless`; default 5,000,000. */
  readonly maxSteps?: number | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface VirtualTime {
  readonly seed: number
  /** For whatever takes part in the run. */
  readonly dice: Dice
  /** Milliseconds since the beginning. It never goes back. */
  readonly now: () => number
  /** What the program's `Clock` shows, in milliseconds: `now` and every `jump`. */
  readonly wallClock: () => number
  /** Steps taken: pieces of fibers that ran, and timers that fired. */
  readonly steps: () => number
  /** Sleeps of the program that are not over: what a leak check asks. */
  readonly sleeping: () => number
  /** Runs a task after so many milliseconds; returns how to call it off. */
  readonly after: (millis: number, task: () => void) => () => void
  /** Sets the wall clock forward or back, while no timer fires for it: a machine that slept. */
  readonly jump: (millis: number) => void
  /** Runs a program until it ends or cannot. */
  readonly run: <A, E>(program: Effect.Effect<A, E>) => Outcome<A, E>
  /**
   * The same for a program that also waits for promises, as one that executes a `graphql` schema
   * does. Time passes when they have settled too. They must wait for nothing but each other: those
   * of timers, files and sockets never come in time.
   */
  readonly runPromise: <A, E>(program: Effect.Effect<A, E>) => Promise<Outcome<A, E>>
}

/** A New Year, so that clocks may be set back. */
const epoch = Date.UTC(2020, 0, 1)

/** Waiting takes instructions, too: with fewer between, a fiber would do nothing else. */
const fewest = 40

/**
 * Time that stands at its beginning.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = ({
  maxSteps = 5_000_000,
  seed,
  yieldEvery = 100
}: VirtualTimeOptions): VirtualTime => {
  const timers = new Timers()
  const ready = new Fifo<() => void>()
  const dice = diceOf(seed)
  const interruptions = dice.split()
  let now = 0
  let skew = epoch
  let steps = 0
  let sleeping = 0

  const untilNextYield = (): number =>
    Number.isFinite(yieldEvery)
      ? interruptions.between(fewest, Math.max(fewest, 2 * yieldEvery - fewest))
      : Infinity
  let untilYield = untilNextYield()

  const scheduler: Scheduler = {
    shouldYield: (fiber) => {
      if (--untilYield > 0 && fiber.currentOpCount <= 2048) return false
      untilYield = untilNextYield()
      return 0
    },
    scheduleTask: (task) => ready.push(task)
  }

  const after = (millis: number, task: () => void): (() => void) => {
    const timer = timers.set(now + Math.max(0, millis), task)
    return () => timers.cancel(timer)
  }

  const wallClock = (): number => now + skew
  const nanos = (): bigint => BigInt(Math.round(wallClock())) * 1_000_000n
  const clock: Clock.Clock = {
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: wallClock,
    unsafeCurrentTimeNanos: nanos,
    currentTimeMillis: Effect.sync(wallClock),
    currentTimeNanos: Effect.sync(nanos),
    sleep: (duration) =>
      Effect.suspend(() => {
        const millis = Duration.toMillis(duration)
        if (!Number.isFinite(millis)) return Effect.async<void>(() => {})
        let cancel = (): void => {}
        const wait = Effect.async<void>((resume) => {
          sleeping++
          const callOff = after(millis, () => {
            sleeping--
            cancel = () => {}
            resume(Effect.void)
          })
          cancel = () => {
            sleeping--
            callOff()
          }
        })
        // Not as what `async` returns, which is forgotten by an interrupt right after it was returned.
        return Effect.onInterrupt(wait, () => Effect.sync(() => cancel()))
      })
  }

  const begin = <A, E>(program: Effect.Effect<A, E>): Fiber.RuntimeFiber<A, E> =>
    Effect.runFork(program.pipe(Effect.withClock(clock), Effect.withRandom(Random.make(seed))), {
      scheduler
    })

  /** Has every fiber run that can. */
  const runFibers = (): void => {
    let task: (() => void) | undefined
    while (steps < maxSteps && (task = ready.shift())) {
      steps++
      task()
    }
  }

  /** Has time pass up to the next timer, unless the run is over. */
  const passTime = <A, E>(fiber: Fiber.RuntimeFiber<A, E>): Outcome<A, E> | undefined => {
    if (steps++ >= maxSteps) return { _tag: "Endless" }
    const exit = fiber.unsafePoll()
    if (exit !== null) return { _tag: "Ended", exit }
    const timer = timers.next()
    if (timer === undefined) return { _tag: "Stuck" }
    now = timer.at
    timer.task()
    return undefined
  }

  const run = <A, E>(program: Effect.Effect<A, E>): Outcome<A, E> => {
    const fiber = begin(program)
    let outcome: Outcome<A, E> | undefined
    do {
      runFibers()
      outcome = passTime(fiber)
    } while (outcome === undefined)
    return outcome
  }

  const runPromise = async <A, E>(program: Effect.Effect<A, E>): Promise<Outcome<A, E>> => {
    const fiber = begin(program)
    let outcome: Outcome<A, E> | undefined
    do {
      do {
        runFibers()
        await promisesSettled()
      } while (!ready.isEmpty && steps < maxSteps)
      outcome = passTime(fiber)
    } while (outcome === undefined)
    return outcome
  }

  return {
    seed,
    dice,
    now: () => now,
    wallClock,
    steps: () => steps,
    sleeping: () => sleeping,
    after,
    jump: (millis) => {
      skew += millis
    },
    run,
    runPromise
  }
}

/** A turn of the host's loop: whatever promises can settle by themselves have. */
const promisesSettled = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })

/** SplitMix32: small, fast, and good enough for choosing what goes wrong. */
const diceOf = (seed: number): Dice => {
  let state = seed | 0
  const bits = (): number => {
    state = (state + 0x9e3779b9) | 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return (mixed ^ (mixed >>> 15)) >>> 0
  }
  const number = (): number => bits() / 2 ** 32
  const between = (min: number, max: number): number => min + Math.floor(number() * (max - min + 1))
  return {
    number,
    chance: (probability) => number() < probability,
    between,
    pick: (choices) => choices[between(0, choices.length - 1)] ?? choices[0],
    // Not the next number itself, or the two would run through the same states.
    split: () => diceOf(Math.imul(bits() ^ 0x5bf03635, 0x2c1b3c6d))
  }
}
