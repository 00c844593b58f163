import * as Redacted from "effect/Redacted"
import type { ClientOptions } from "ws"
import type { Options, TlsOptions } from "../NodeWire.js"

/** Our options as those of `ws`, which hands what it does not know on to `node:tls`. */
export const toWsOptions = ({ agent, perMessageDeflate, tls }: Options): ClientOptions => ({
  perMessageDeflate: perMessageDeflate ?? false,
  // What the URL's owner sent us to is for the caller to see, who chose where credentials may go.
  followRedirects: false,
  // Text that is not UTF-8 must end the connection rather than arrive as something else.
  skipUTF8Validation: false,
  ...(agent !== undefined && { agent }),
  ...(tls !== undefined && toTlsOptions(tls))
})

// Absent is not `undefined` to `node:tls`, which would have that override its own defaults.
const toTlsOptions = (tls: TlsOptions): ClientOptions => ({
  ...(tls.ca !== undefined && { ca: isList(tls.ca) ? Array.from(tls.ca) : tls.ca }),
  ...(tls.cert !== undefined && { cert: reveal(tls.cert) }),
  ...(tls.key !== undefined && { key: reveal(tls.key) }),
  ...(tls.passphrase !== undefined && { passphrase: reveal(tls.passphrase) }),
  ...(tls.rejectUnauthorized !== undefined && { rejectUnauthorized: tls.rejectUnauthorized }),
  ...(tls.servername !== undefined && { servername: tls.servername }),
  ...(tls.minVersion !== undefined && { minVersion: tls.minVersion })
})

const isList = <A>(value: A | ReadonlyArray<A>): value is ReadonlyArray<A> => Array.isArray(value)

const reveal = <A>(value: A | Redacted.Redacted<A>): A =>
  Redacted.isRedacted(value) ? Redacted.value(value) : value
