/** What both ends of a conversation over ActionCable call things. */

/** What the client commands. */
export const command = {
  subscribe: "subscribe",
  unsubscribe: "unsubscribe",
  message: "message"
} as const

/** The `type` of what the server says itself; what a channel transmits has none. */
export const type = {
  welcome: "welcome",
  ping: "ping",
  confirmed: "confirm_subscription",
  rejected: "reject_subscription",
  disconnect: "disconnect"
} as const

/** Why a server disconnects whom it does not know. */
export const unauthorized = "unauthorized"
