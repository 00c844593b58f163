/** What both ends of a conversation with Absinthe call things. */

export const doc = "doc"
export const published = "subscription:data"
export const unsubscribe = "unsubscribe"

export const join = "phx_join"
export const reply = "phx_reply"
export const leave = "phx_leave"
/** The channel crashed. */
export const crashed = "phx_error"
/** The channel is closed. */
export const closed = "phx_close"

/** The topic of the socket itself. */
export const socket = "phoenix"
export const heartbeat = "heartbeat"

// A reply bears the `ref` of what it replies to. That of an operation is its id; these are what else is
// replied to.
export const joinRef = "join"
export const heartbeatRef = "heartbeat"
export const leaveRef = "leave"
export const unsubscribeRef = "unsubscribe"

const reserved: ReadonlyArray<string> = [joinRef, heartbeatRef, leaveRef, unsubscribeRef]

/** The `ref` under which an operation is asked. */
export const refOf = (id: string): string => {
  if (reserved.includes(id)) throw new TypeError(`an operation cannot have the id "${id}"`)
  return id
}
