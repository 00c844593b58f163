/** `Prober` over Node: DNS, TCP and TLS, one at a time. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { execFile } from "node:child_process"
import * as Net from "node:net"
import * as Tls from "node:tls"
import { CertificateRefused, type ProbeFailure, SystemFailure } from "./failure.js"
import { post } from "./nodePost.js"
import { upgrade } from "./nodeUpgrade.js"
import { type Connection, Prober, type Resolved, type SecureConnection } from "./prober.js"
import type { Certificate } from "./report.js"

export interface Options {
  /** Trusted besides those that Node trusts: certificates of authorities, in PEM. */
  readonly ca?: ReadonlyArray<string> | undefined
}

export const layer = ({ ca = [] }: Options = {}): Layer.Layer<Prober> => {
  const trusted = ca.length === 0 ? undefined : [...Tls.rootCertificates, ...ca]
  return Layer.succeed(Prober, { lookup, connect: connect(trusted), post: post(trusted) })
}

/**
 * By the system's own resolver, as every client does, but in a process of its own: it cannot be told to
 * give up, and would keep this one alive for as long as a dead name server lets it wait.
 */
const lookup = (host: string): Effect.Effect<Resolved, SystemFailure> =>
  Net.isIP(host) !== 0
    ? Effect.succeed({ addresses: [host], ms: 0 })
    : Effect.async((resume) => {
        const child = execFile(
          process.execPath,
          ["--eval", lookupScript, host],
          { env: process.env, killSignal: "SIGKILL" },
          (error, stdout) => resume(error === null ? readLookup(stdout) : Effect.fail(fail(error)))
        )
        return Effect.sync(() => child.kill("SIGKILL"))
      })

// The time is taken there, where it is not that of starting a process.
const lookupScript = `
  const start = performance.now()
  require("node:dns").lookup(process.argv[1], { all: true }, (error, found) => {
    const ms = performance.now() - start
    const addresses = (found ?? []).map(({ address }) => address)
    console.log(JSON.stringify(error ? { code: error.code } : { addresses, ms }))
  })`

const readLookup = (stdout: string): Effect.Effect<Resolved, SystemFailure> => {
  // Type boundary: what the script above writes.
  const found = JSON.parse(stdout) as Resolved | { readonly code: string }
  return "code" in found
    ? Effect.fail(new SystemFailure({ code: found.code, detail: "the name was not resolved" }))
    : Effect.succeed(found)
}

const fail = (error: Error & { readonly code?: unknown }): SystemFailure =>
  new SystemFailure({
    code: typeof error.code === "string" ? error.code : error.name,
    detail: error.message
  })

const connect =
  (ca: ReadonlyArray<string> | undefined) =>
  (address: string, port: number): Effect.Effect<Connection, SystemFailure, Scope.Scope> =>
    Effect.gen(function* () {
      const tcp = yield* Effect.acquireRelease(
        Effect.sync(() => Net.connect({ host: address, port, noDelay: true })),
        (socket) => Effect.sync(() => socket.destroy())
      )
      // What fails after this is seen by whoever is using the socket then.
      tcp.on("error", () => {})
      yield* happened(tcp, "connect")
      return {
        secure: (host) => secure(tcp, host, ca),
        upgrade: (request) => upgrade(tcp, request)
      }
    })

const secure = (
  tcp: Net.Socket,
  host: string,
  ca: ReadonlyArray<string> | undefined
): Effect.Effect<SecureConnection, ProbeFailure, Scope.Scope> =>
  Effect.gen(function* () {
    const tls = yield* Effect.acquireRelease(
      Effect.sync(() =>
        Tls.connect({
          socket: tcp,
          host,
          // A name asked for (SNI) is a name, not an address (RFC 6066, section 3).
          servername: Net.isIP(host) === 0 ? host : "",
          ALPNProtocols: ["http/1.1"],
          // To read a certificate that is refused, which is done below before anything is sent.
          rejectUnauthorized: false,
          ...(ca !== undefined && { ca: Array.from(ca) })
        })
      ),
      (socket) => Effect.sync(() => socket.destroy())
    )
    tls.on("error", () => {})
    tcp.on("error", (error) => tls.destroy(error))
    yield* happened(tls, "secureConnect")
    const certificate = toCertificate(tls.getPeerCertificate())
    if (!tls.authorized) {
      // Type boundary: Node's types have an Error, Node has its code or its message.
      const code = tls.authorizationError as unknown
      return yield* new CertificateRefused({ code: String(code), certificate })
    }
    return {
      protocol: tls.getProtocol() ?? "unknown",
      cipher: tls.getCipher().name,
      certificate,
      secure: () => Effect.dieMessage("TLS in TLS"),
      upgrade: (request) => upgrade(tls, request)
    }
  })

/** Waits for an event of a socket that is not there yet. */
const happened = (
  socket: Net.Socket,
  event: "connect" | "secureConnect"
): Effect.Effect<void, SystemFailure> =>
  Effect.async((resume) => {
    const onError = (error: Error) => resume(Effect.fail(fail(error)))
    const onClose = () =>
      resume(Effect.fail(new SystemFailure({ code: "ECONNRESET", detail: "the peer hung up" })))
    const onEvent = () => resume(Effect.void)
    socket.once(event, onEvent).once("error", onError).once("close", onClose)
    return Effect.sync(() => {
      socket.off(event, onEvent).off("error", onError).off("close", onClose)
    })
  })

const toCertificate = (peer: Partial<Tls.PeerCertificate>): Certificate => ({
  subject: nameOf(peer.subject),
  issuer: nameOf(peer.issuer),
  names: peer.subjectaltname?.split(", ") ?? [],
  validFrom: toIso(peer.valid_from),
  validTo: toIso(peer.valid_to)
})

/** The common name, or what there is. A field that is given more than once is a list. */
const nameOf = (certificate: Tls.Certificate | undefined): string => {
  const [name] = [certificate?.CN ?? certificate?.O ?? certificate?.OU ?? "unnamed"].flat()
  return name ?? "unnamed"
}

const toIso = (date: string | undefined): string => {
  const time = Date.parse(date ?? "")
  return Number.isNaN(time) ? "unknown" : new Date(time).toISOString()
}
