/**
 * WebSockets on Node, over `ws`: with headers, TLS settings, agents, the status of a refused upgrade,
 * back-pressure, and an end that leaves no descriptor behind.
 *
 * @since 0.1.0
 */
import { WireConstructor } from "@fiberline/client/Wire"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import type { Agent } from "node:http"
import type { SecureVersion } from "node:tls"
import { open } from "./internal/socket.js"
import { toWsOptions } from "./internal/wsOptions.js"

/**
 * PEM text, or the bytes of a file that holds it.
 *
 * @since 0.1.0
 * @category models
 */
export type Pem = string | Buffer

/**
 * What `wss:` connections are made with: the part of `ConnectionOptions` of `node:tls` that clients
 * use.
 *
 * @since 0.1.0
 * @category models
 */
export interface TlsOptions {
  /** Certificates of the authorities to trust; default those that Node trusts. */
  readonly ca?: Pem | ReadonlyArray<Pem> | undefined
  /** Our own certificate, with its chain, for a server that asks for one. */
  readonly cert?: Pem | Redacted.Redacted<Pem> | undefined
  /** The private key of `cert`. */
  readonly key?: Pem | Redacted.Redacted<Pem> | undefined
  /** What `key` is encrypted with. */
  readonly passphrase?: string | Redacted.Redacted<string> | undefined
  /**
   * Whether a certificate that cannot be verified fails the connection; default `true`. With `false`
   * anybody on the way can read and change everything.
   */
  readonly rejectUnauthorized?: boolean | undefined
  /** The name asked for (SNI) and verified; default the URL's host. */
  readonly servername?: string | undefined
  /** Default `TLSv1.2`, as Node's. */
  readonly minVersion?: SecureVersion | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly tls?: TlsOptions | undefined
  /**
   * Makes the TCP connections, a proxy agent for instance; an `Agent` of `node:https` or a descendant
   * of it for `wss:` URLs. By default there is none, and each connection is made directly.
   */
  readonly agent?: Agent | undefined
  /**
   * Whether to offer compression; default `false`. It costs memory and time on both ends, for every
   * connection and every frame.
   */
  readonly perMessageDeflate?: boolean | undefined
}

/**
 * Opens WebSockets with `ws`. An option that cannot be used (a key that is no key) is reported by each
 * attempt to connect, as `Failed`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): WireConstructor["Type"] => {
  const wsOptions = toWsOptions(options)
  return (request, listener) => open(wsOptions, request, listener)
}

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (options?: Options): Layer.Layer<WireConstructor> =>
  Layer.sync(WireConstructor, () => make(options))
