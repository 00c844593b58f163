/**
 * What a failure means, and what to do about it.
 *
 * `network` and `protocol` are as with every other command: a protocol failure is a server that breaks a
 * protocol, everything else is the network's, a refusal included.
 */
import { describe } from "@fiberline/core/CloseCode"
import { retryOf } from "@fiberline/core/UpgradeStatus"
import type { Conceal } from "../conceal.js"
import type { WebSocketChoice } from "../options/transport.js"
import { explainCertificate, explainSystem } from "./explainSystem.js"
import type { Endpoint } from "./endpoint.js"
import { mannersOf } from "./manners.js"
import { namesOf, offeredBy } from "./protocol.js"
import type { ProbeFailure, UpgradeRefused } from "./failure.js"
import type { Failure, StepName } from "./report.js"
import type { Ended } from "./transcript.js"
import { duration, measured } from "./words.js"

export interface Explanation {
  readonly failure: Failure
  readonly advice: ReadonlyArray<string>
}

export interface Circumstances {
  readonly step: StepName
  readonly endpoint: Endpoint
  readonly transport: WebSocketChoice
  readonly hasPayload: boolean
  readonly hasHeaders: boolean
  readonly hide: Conceal
  /** Milliseconds since 1970. */
  readonly now: number
}

export const explain = (failure: ProbeFailure, circumstances: Circumstances): Explanation => {
  const { hide } = circumstances
  const network = (code: string, message: string, ...advice: ReadonlyArray<string>) =>
    ({ failure: { kind: "network", code, message }, advice }) satisfies Explanation
  const protocol = (code: string, message: string, ...advice: ReadonlyArray<string>) =>
    ({ failure: { kind: "protocol", code, message }, advice }) satisfies Explanation

  switch (failure._tag) {
    case "SystemFailure": {
      const { advice, message } = explainSystem(failure, circumstances)
      return network(failure.code, hide(message), ...advice)
    }
    case "CertificateRefused": {
      const { advice, message } = explainCertificate(failure, circumstances)
      return network(failure.code, message, ...advice)
    }
    case "TimedOut":
      return network(
        "TIMEOUT",
        `nothing within ${duration(failure.limitMs)}`,
        ...afterTimeout(circumstances)
      )
    case "UpgradeRefused": {
      const { advice, message } = explainStatus(failure, circumstances)
      return network(String(failure.status), message, ...advice)
    }
    case "UpgradeInvalid":
      return protocol(
        "UPGRADE",
        hide(failure.detail),
        "What answers there does not speak WebSocket as RFC 6455 has it. Something in between may have changed the answer."
      )
    case "SubprotocolRefused": {
      const names = namesOf(offeredBy(circumstances.transport))
      return failure.chosen === ""
        ? protocol(
            "SUBPROTOCOL",
            "101, but no subprotocol",
            `The server took the WebSocket and chose no subprotocol. Offered were ${names.join(" and ")}: it speaks neither, is no GraphQL server, or a proxy took the header Sec-WebSocket-Protocol away.`
          )
        : protocol(
            "SUBPROTOCOL",
            `101, with the subprotocol ${hide(failure.chosen)}, which was not offered`,
            `A server may choose only from what is offered: ${names.join(" or ") || "nothing, for what was to be spoken has no name"}.`
          )
    }
    case "ConnectionRefused": {
      const manners = mannersOf(circumstances.transport)
      const refusal = manners?.refusal ?? "connection_error"
      const { message } = failure.payload ?? {}
      return network(
        refusal,
        `refused with ${refusal}${typeof message === "string" && manners ? `: ${hide(message)}` : ""}`,
        manners?.afterRefusal ??
          "The server refuses the payload of connection_init, or the lack of one: --payload gives it."
      )
    }
    case "ServerDisconnected":
      return network(
        "disconnect",
        `the server serves the connection no longer${failure.detail && `: ${hide(failure.detail)}`}`,
        "The server said so by a message of the protocol. Its log should say why."
      )
    case "InvalidMessage":
      return protocol(
        "MESSAGE",
        `not a message of the protocol: ${failure.detail}`,
        "The server breaks the subprotocol that it has chosen."
      )
    case "ConnectionEnded":
      return {
        failure: { kind: "network", ...endOf(failure.end, hide) },
        advice: [...afterEnd(failure.end, circumstances), ...afterSilence(failure.silentMs)]
      }
  }
}

// -- the end of a connection --------------------------------------------------------------------

export const endOf = (end: Ended, hide: Conceal) => {
  if (end.closeFrameAt === undefined) {
    return { code: end.how, message: `the connection was cut without a close frame (${end.how})` }
  }
  const { meaning, name } = describe(end.code)
  const reason = end.reason === "" ? "" : `, with the reason “${hide(end.reason)}”`
  return {
    code: String(end.code),
    message: `closed with ${end.code} (${name}: ${meaning})${reason}`
  }
}

const afterEnd = (
  end: Ended,
  { hasPayload, step, transport }: Circumstances
): ReadonlyArray<string> => {
  const credentials =
    mannersOf(transport)?.credentials ??
    (hasPayload
      ? "The server does not accept this payload or these headers: an expired token, another name for it in the payload?"
      : "The server wants credentials: --payload '{\"authorization\": \"…\"}' in connection_init, or -H 'Authorization: …' with the upgrade, whichever it looks at.")
  switch (end.closeFrameAt === undefined ? undefined : end.code) {
    case undefined:
      return step === "ack"
        ? [
            "The connection was cut after the upgrade and before the acknowledgement: the server's process died, or a proxy lets the upgrade through and then drops what is not HTTP."
          ]
        : [
            "Somebody cut a connection that was in use: a proxy's limit on its age or idleness, or a server that died."
          ]
    case 1008:
    case 3000:
    case 3003:
    case 4401:
    case 4403:
      return [credentials]
    case 4400:
    case 1002:
      return [
        "The server takes what it was sent for a message that breaks its protocol. It may speak another version of the protocol than the one it chose."
      ]
    case 4406:
      return [
        "The server does not speak the subprotocol. It may be older, or be configured for one only."
      ]
    case 4408:
      return [
        "The server waited for connection_init longer than it is willing to: the way there is slow, or its limit is too short."
      ]
    default:
      return [
        `The server closed the connection ${step === "ack" ? "instead of acknowledging it" : "while it was in use"}. Its log should say why.`
      ]
  }
}

/** What is over sooner is no silence that anybody would cut. */
const shortestSilence = 3000

const afterSilence = (silentMs: number | undefined): ReadonlyArray<string> =>
  silentMs === undefined || silentMs < shortestSilence
    ? []
    : [
        `Nothing had arrived for ${measured(silentMs)}, which may be why. Then a keepalive with an interval of at most half of that keeps it.`
      ]

// -- the upgrade's status -----------------------------------------------------------------------

const explainStatus = (
  { headers, status }: UpgradeRefused,
  { endpoint, hasHeaders, hide, transport }: Circumstances
): { readonly message: string; readonly advice: ReadonlyArray<string> } => {
  const mediaType = headers["content-type"]?.split(";")[0]?.trim()
  const isPage = mediaType === "text/html"
  const says = (what: string, ...advice: ReadonlyArray<string>) => ({
    message: `HTTP ${status}, ${what}${mediaType === undefined ? "" : ` (${hide(mediaType)})`}`,
    advice: [
      ...advice,
      ...(isPage && status >= 300
        ? ["The answer is a page for browsers: it may come from a proxy or a login in front."]
        : [])
    ]
  })
  const path = endpoint.url.pathname
  const manners = mannersOf(transport)
  if (status >= 200 && status < 300) {
    return says(
      isPage ? "a web page instead of a WebSocket" : "an answer instead of a WebSocket",
      `The server answers requests for ${hide(path)}, and does not know it as a WebSocket. Subscriptions may have a path of their own, or a proxy in front does not pass the headers Upgrade and Connection.`
    )
  }
  if (status >= 300 && status < 400) {
    const location = placeOf(headers["location"], endpoint.url)
    return says(
      location === undefined ? "a redirect" : `a redirect to ${hide(location)}`,
      "WebSockets do not follow redirects, for credentials would go along. Ask at the address that it leads to, if that is one to trust."
    )
  }
  switch (status) {
    case 400:
      return says(
        "the upgrade is refused",
        "The server understands that a WebSocket is wanted, and refuses the request: a path that takes none, a header it needs, or a proxy that forwards the upgrade as ordinary HTTP/1.0.",
        ...(endpoint.isSecure
          ? []
          : [
              "Some servers say so to who does not speak TLS on a port that is for TLS (wss: instead of ws:?)."
            ])
      )
    case 401:
    case 403:
    case 407:
      return says(
        status === 401 ? "credentials are wanted" : "access is refused",
        manners
          ? manners.credentials
          : hasHeaders
            ? "The server, or a proxy before it, refuses these credentials with the upgrade: expired, of another audience, or in another header?"
            : "Credentials are looked for with the upgrade, not in connection_init: -H 'Authorization: Bearer …' sends them.",
        ...(status === 403 && !manners
          ? ["It may also check the Origin: -H 'Origin: https://…'."]
          : [])
      )
    case 404:
    case 405:
    case 410:
      return says(
        "not here",
        `There is no WebSocket at ${hide(path)}. ${manners?.paths ?? "Common paths are /graphql, /graphql/ws, /subscriptions; a slash at the end may matter."}`
      )
    case 426:
      return says(
        "another upgrade is wanted",
        `The server takes only the upgrade to ${hide(headers["upgrade"] ?? "something else")}: was the header changed on its way?`
      )
    case 429:
      return says(
        "too many requests",
        "The server limits how often one may connect. Connect again later, and reconnect with growing pauses."
      )
    default:
      return status >= 500
        ? says(
            "the server failed",
            status === 502 || status === 503 || status === 504
              ? "A gateway answers for a server behind it that is away, overloaded, or does not take WebSockets. Are upgrades passed on to it?"
              : "The server's log should say why."
          )
        : says(
            "the upgrade is refused",
            retryOf(status) === "never"
              ? "The same request would be refused again."
              : "It may pass when asked again later."
          )
  }
}

/** A redirect's address, without what may be secret. */
const placeOf = (location: string | undefined, base: URL): string | undefined => {
  if (location === undefined || !URL.canParse(location, base.href)) return undefined
  const { host, pathname, protocol } = new URL(location, base)
  return `${protocol}//${host}${pathname}`
}

// -- nothing came ---------------------------------------------------------------------------------

const afterTimeout = ({
  endpoint: { host, isSecure, port },
  hasPayload,
  step,
  transport
}: Circumstances): ReadonlyArray<string> => {
  const manners = mannersOf(transport)
  switch (step) {
    case "dns":
      return ["No name server answers. Is the network up, and a VPN where it is needed?"]
    case "tcp":
      return [
        `${host}:${port} does not answer at all, not even by refusing: a firewall drops the packets, or the host is down.`
      ]
    case "tls":
      return [
        `Something accepts connections on port ${port} and says nothing to TLS: it may not speak TLS (ws: instead of wss:?), or hang.`
      ]
    case "upgrade":
      return [
        `Something accepts connections on port ${port} and does not answer HTTP: ${
          isSecure ? "the server hangs" : "it may wait for TLS (wss: instead of ws:?), or hang"
        }, or a proxy in front waits for it.`
      ]
    case "ack":
      return [
        ...(manners
          ? [manners.unanswered]
          : [
              "The server took connection_init and never acknowledged it.",
              hasPayload
                ? "Its check of the payload may wait for something else."
                : 'It may wait for a payload: --payload \'{"…": "…"}\' gives one.'
            ]),
        "Or a proxy in between holds frames back: is it set up for WebSockets, without buffering?"
      ]
    default:
      return [
        "The connection is open and nothing comes. --timeout allows it more time, if it is that slow."
      ]
  }
}
