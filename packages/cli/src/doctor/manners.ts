/** How each protocol refuses, where it looks for credentials, and what that means for who asks. */
import type { WebSocketChoice } from "../options/transport.js"

export interface Manners {
  /** What a refusal by a message is called on the wire, for a machine. */
  readonly refusal: string
  readonly afterRefusal: string
  /** What to do about a close code or a status that speaks of credentials. */
  readonly credentials: string
  /** Where else there may be a WebSocket. */
  readonly paths: string
  /** Nothing came, and this was said. */
  readonly unanswered: string
}

/** `undefined` for those that begin with `connection_init` and may want a payload of any shape. */
export const mannersOf = (transport: WebSocketChoice): Manners | undefined => {
  switch (transport) {
    case "phoenix":
    case "phoenix-v1":
      return phoenix
    case "actioncable":
      return actionCable
    case "appsync":
      return appSync
    default:
      return undefined
  }
}

const phoenix: Manners = {
  refusal: "phx_reply",
  afterRefusal:
    "The channel refuses the payload of its join, or the lack of one: --payload gives it. Or it has another topic than Absinthe's, __absinthe__:control.",
  credentials:
    "What connect/3 of a Phoenix socket looks at are parameters of the URL, '…/socket/websocket?token=${TOKEN}', or headers that it was told to look at. It may also check the Origin: -H 'Origin: https://…'.",
  paths:
    "The URL is the whole of it, with the transport: /socket/websocket, where the endpoint has its socket at /socket.",
  unanswered:
    "The server took the join of __absinthe__:control and never replied. Something that waits in connect or join, or a server that speaks another serializer: --transport phoenix-v1 for Phoenix before 1.3."
}

const actionCable: Manners = {
  refusal: "disconnect",
  afterRefusal:
    "The connection's class rejects whoever it does not know: by a cookie or another header, -H 'Cookie: …', or by a parameter of the URL.",
  credentials:
    "What a connection of ActionCable's looks at are cookies and other headers of the upgrade, -H, and parameters of the URL.",
  paths:
    "Rails has ActionCable at /cable, unless it is told otherwise; it also says so to an Origin that it does not allow: -H 'Origin: https://…' gives another.",
  unanswered: "The server took the WebSocket and never welcomed its client."
}

const appSync: Manners = {
  refusal: "connection_error",
  afterRefusal:
    "AppSync refuses these credentials: expired, of another API, or of a kind that this API is not set up for?",
  credentials:
    "AppSync refuses these credentials: expired, of another API, or of a kind that this API is not set up for?",
  paths:
    "The address is that of the API's queries: https://….appsync-api.….amazonaws.com/graphql, or that of its own domain.",
  unanswered: "AppSync took connection_init and never acknowledged it."
}
