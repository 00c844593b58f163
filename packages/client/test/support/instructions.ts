import * as VirtualTime from "@fiberline/testing/VirtualTime"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import * as FiberRef from "effect/FiberRef"
import type { Scheduler } from "effect/Scheduler"

/** What is to happen, and when it may. */
export interface Moment {
  readonly time: VirtualTime.VirtualTime
  /** Comes at the instruction that the run is about, before that is executed. */
  readonly wait: Effect.Effect<void>
}

/**
 * Runs a program again and again, and has its moment come one instruction later each time, until one
 * run is over before it came: whatever can happen between two instructions happens once.
 */
export const atEveryInstruction = (
  program: (moment: Moment) => Effect.Effect<void, unknown>,
  check: (outcome: VirtualTime.Outcome<void, unknown>, instruction: number) => void,
  /** More than one leaves moments out, for a program that is long. */
  step = 1
): void => {
  for (let instruction = 1, hasCome = true; hasCome; instruction += step) {
    const moment = Deferred.unsafeMake<void>(FiberId.none)
    const time = VirtualTime.make({ seed: instruction, yieldEvery: Infinity, maxSteps: 100_000 })
    let executed = 0
    let isHeld = false
    hasCome = false
    const interrupting = (scheduler: Scheduler): Scheduler => ({
      scheduleTask: (task, priority) => {
        // The fiber between two instructions goes on when nobody else can.
        if (isHeld) time.after(0, task)
        else scheduler.scheduleTask(task, priority)
        isHeld = false
      },
      shouldYield: (fiber) => {
        if (++executed !== instruction) return scheduler.shouldYield(fiber)
        hasCome = true
        Deferred.unsafeDone(moment, Effect.void)
        isHeld = true
        return 0
      }
    })
    const run = Effect.flatMap(FiberRef.get(FiberRef.currentScheduler), (scheduler) =>
      Effect.withScheduler(program({ time, wait: Deferred.await(moment) }), interrupting(scheduler))
    )
    check(time.run(run), instruction)
  }
}
