import type { Socket } from "node:net"

/** Destroys a socket so that its other end gets a RST. */
export const reset = (socket: Socket): void => {
  // `resetAndDestroy` is this after a FIN, and who has read that FIN never sees the RST.
  Object.assign(socket, { resetAndClosing: true }).destroy()
}
