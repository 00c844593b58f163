/** Errors of the operating system and of TLS, in words. */
import type { CertificateRefused, SystemFailure } from "./failure.js"
import type { Circumstances } from "./explain.js"
import type { Certificate } from "./report.js"

interface Explained {
  readonly message: string
  readonly advice: ReadonlyArray<string>
}

export const explainSystem = (
  { code, detail }: SystemFailure,
  { endpoint, step }: Circumstances
): Explained => {
  const { host, isSecure, port } = endpoint
  switch (code) {
    case "ENOTFOUND":
      return {
        message: `there is no host ${host} (${code})`,
        advice: [
          "Is the name spelt as it should be? A private name is known only inside its network or VPN."
        ]
      }
    case "EAI_AGAIN":
      return {
        message: `no name server could tell (${code})`,
        advice: ["Is the network up? The system's name servers do not answer, or not now."]
      }
    case "ECONNREFUSED":
      return {
        message: `nothing listens on port ${port} of ${host} (${code})`,
        advice: [
          "Is the server running, on this port? In a container it must listen on 0.0.0.0, not on 127.0.0.1 only, and the port must be published."
        ]
      }
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "ETIMEDOUT":
      return {
        message: `there is no way to ${host} (${code})`,
        advice: ["The network, a VPN or a firewall keeps the packets from arriving."]
      }
    case "ECONNRESET":
    case "EPIPE":
      return {
        message: `the peer hung up (${code})`,
        advice: [
          step === "tls"
            ? "It may not speak TLS on this port (ws: instead of wss:?), or want a client certificate."
            : isSecure
              ? "It ended the connection instead of answering the upgrade: a proxy without WebSockets, or a server that crashed."
              : "It ended the connection instead of answering the upgrade. If it speaks TLS on this port, the URL should be wss:."
        ]
      }
    default:
      return {
        message: `${detail} (${code})`,
        advice: alerts.flatMap(([pattern, advice]) =>
          pattern.test(`${code} ${detail}`) ? [advice] : []
        )
      }
  }
}

/** What OpenSSL says, in its code or its text: versions differ in where the words are. */
const alerts: ReadonlyArray<readonly [pattern: RegExp, advice: string]> = [
  [
    /wrong.version.number|packet.length.too.long/i,
    "What answers there does not speak TLS: the URL may have to be ws: instead of wss:."
  ],
  [
    /no.application.protocol/i,
    "The server speaks HTTP/2 only. A WebSocket needs HTTP/1.1 to be allowed beside it."
  ],
  [
    /certificate.required|alert.bad.certificate/i,
    "The server wants a certificate of the client's, which this command cannot give."
  ],
  [
    /unsupported.protocol|protocol.version|handshake.failure/i,
    "The two have no version of TLS, or no cipher, in common: the server may be too old."
  ]
]

export const explainCertificate = (
  { certificate, code }: CertificateRefused,
  { endpoint: { host }, now }: Circumstances
): Explained => {
  const trust =
    "If it is meant to be trusted, NODE_EXTRA_CA_CERTS names a file with the certificate of its authority."
  switch (code) {
    case "CERT_HAS_EXPIRED":
      return {
        message: `the certificate of ${certificate.subject} expired on ${dayOf(certificate.validTo)} (${code})`,
        advice: [`It was valid until ${certificate.validTo}. It has to be renewed.`]
      }
    case "CERT_NOT_YET_VALID":
      return {
        message: `the certificate of ${certificate.subject} is not valid before ${dayOf(certificate.validFrom)} (${code})`,
        advice: [`Is the clock of this machine right? It says ${new Date(now).toISOString()}.`]
      }
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "SELF_SIGNED_CERT_IN_CHAIN":
      return {
        message: `the certificate of ${certificate.subject} is signed by ${code === "DEPTH_ZERO_SELF_SIGNED_CERT" ? "itself" : "an authority nobody knows"} (${code})`,
        advice: [`${validity(certificate)} ${trust}`]
      }
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return {
        message: `the certificate is not for ${host} (${code})`,
        advice: [
          `It is for ${certificate.names.join(", ") || certificate.subject}. The URL has another name than the server's, or the server shows the certificate of another site.`
        ]
      }
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "UNABLE_TO_GET_ISSUER_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
      return {
        message: `the issuer ${certificate.issuer} of the certificate is not known (${code})`,
        advice: [
          `The server should send the certificates between its own and the authority's, too. ${trust}`
        ]
      }
    default:
      return {
        message: `the certificate of ${certificate.subject} is refused (${code})`,
        advice: [`${validity(certificate)} Its issuer is ${certificate.issuer}.`]
      }
  }
}

const validity = ({ validFrom, validTo }: Certificate): string =>
  `It is valid from ${dayOf(validFrom)} to ${dayOf(validTo)}.`

export const dayOf = (iso: string): string => iso.slice(0, 10)
