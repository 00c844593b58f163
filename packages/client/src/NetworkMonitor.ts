/**
 * What the application knows of the network that a client cannot: a browser's `online` and
 * `offline`, a hidden page, a service's own readiness.
 *
 * While it says that there is no network, no connection is attempted; when there is one again, the
 * next attempt is made at once. Without this service every attempt is made when the schedule says.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Subscribable from "effect/Subscribable"

/**
 * Whether there is a network, now and as it changes. A `SubscriptionRef<boolean>` is one.
 *
 * @since 0.1.0
 * @category tags
 */
export class NetworkMonitor extends Context.Tag("@fiberline/client/NetworkMonitor")<
  NetworkMonitor,
  Subscribable.Subscribable<boolean>
>() {}
