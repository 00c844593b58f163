/**
 * The life of one operation, as a table: for the subprotocols whose servers confirm a subscription, and where
 * it can only be left by a name that comes with the confirmation.
 *
 * Every state has a cell for every event. The conversations of `Absinthe` and `ActionCable` run on this table
 * and `docs/protocol.md` is drawn from it.
 *
 * @since 0.1.0
 */
import { stateDiagram } from "./internal/diagram.js"

/**
 * - `Asked`: the server was asked, and has yet to answer
 * - `Established`: the server runs it, and publishes its results
 * - `Left`: nobody wants it any more, and the server has yet to say what it is called
 * - `Ended`: nothing is remembered of it
 *
 * @since 0.1.0
 * @category models
 */
export type OperationState = "Asked" | "Established" | "Left" | "Ended"

/**
 * - `Confirmed`: the server says that it runs a subscription
 * - `Answered`: the one result of a query or mutation, or the last of a subscription
 * - `Published`: a result of a subscription, after which there may be more
 * - `Failed`: the server says that it does not execute it
 * - `Finished`: the server says that there is no more
 * - `Stopped`: our side wants no more of it
 *
 * @since 0.1.0
 * @category models
 */
export type OperationEvent =
  "Confirmed" | "Answered" | "Published" | "Failed" | "Finished" | "Stopped"

/**
 * - `Establish`: tell whoever waits that it is established; begin what waits for that
 * - `Deliver`: hand over a result
 * - `Conclude`: hand over the last of it: a result, errors or an end
 * - `Hold`: keep what overtook the confirmation until that is there
 * - `Unsubscribe`: tell the server that nobody wants more of it
 * - `Await`: the server can be told nothing yet
 * - `Ignore`: without consequence
 *
 * @since 0.1.0
 * @category models
 */
export type OperationAction =
  "Establish" | "Deliver" | "Conclude" | "Hold" | "Unsubscribe" | "Await" | "Ignore"

/**
 * @since 0.1.0
 * @category models
 */
export interface OperationTransition {
  readonly to: OperationState
  readonly action: OperationAction
}

const go = (to: OperationState, action: OperationAction): OperationTransition => ({ to, action })

const concluded = go("Ended", "Conclude")
const forgotten = go("Ended", "Ignore")

/**
 * @since 0.1.0
 * @category table
 */
export const transitions: {
  readonly [State in OperationState]: { readonly [Event in OperationEvent]: OperationTransition }
} = {
  Asked: {
    Confirmed: go("Established", "Establish"),
    // The one who publishes need not be the one who confirms.
    Published: go("Asked", "Hold"),
    Answered: concluded,
    Failed: concluded,
    Finished: concluded,
    Stopped: go("Left", "Await")
  },
  Established: {
    Published: go("Established", "Deliver"),
    Answered: concluded,
    Failed: concluded,
    Finished: concluded,
    Stopped: go("Ended", "Unsubscribe"),
    Confirmed: go("Established", "Ignore")
  },
  Left: {
    // Only now is it known by what name it can be left.
    Confirmed: go("Ended", "Unsubscribe"),
    Answered: forgotten,
    Failed: forgotten,
    Finished: forgotten,
    Published: go("Left", "Ignore"),
    Stopped: go("Left", "Ignore")
  },
  Ended: {
    // What was under way when it ended.
    Confirmed: forgotten,
    Answered: forgotten,
    Published: forgotten,
    Failed: forgotten,
    Finished: forgotten,
    Stopped: forgotten
  }
}

/**
 * The table as a Mermaid state diagram, without the cells that change nothing.
 *
 * @since 0.1.0
 * @category table
 */
export const toMermaid = (): string => stateDiagram(transitions, "Asked", "Ended")
