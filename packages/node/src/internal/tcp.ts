/** The TCP connection below a WebSocket, kept at hand so that it can be reset. */
import type { ClientOptions } from "ws"
import * as Net from "node:net"
import * as Tls from "node:tls"

/**
 * Makes the connections of `ws`: TCP, and TLS over it for `wss:`. They are made apart because a
 * `TLSSocket` that made its own TCP connection cannot reset it.
 */
export const connect = (
  isSecure: boolean,
  onConnecting: (tcp: Net.Socket) => void
): NonNullable<ClientOptions["createConnection"]> =>
  // Type boundary: of all that `net.connect` can be given, `http.request` gives it its own options.
  ((target: Tls.ConnectionOptions & Net.TcpNetConnectOpts) => {
    const { host, port, lookup, localAddress, family } = target
    const tcp = Net.connect({ host, port, lookup, localAddress, family } as Net.TcpNetConnectOpts)
    onConnecting(tcp)
    if (!isSecure) return tcp
    // A name asked for (SNI) is a name, not an address (RFC 6066, section 3).
    const servername = target.servername ?? (Net.isIP(host ?? "") ? "" : host)
    const tls = Tls.connect({ ...target, path: undefined, socket: tcp, servername })
    tcp.on("error", (error) => tls.destroy(error))
    return tls
  }) as NonNullable<ClientOptions["createConnection"]>

/**
 * Destroys a connection with a reset. A mere `destroy` frees the descriptor but says good-bye with a
 * FIN, and the kernel keeps a socket whose FIN nobody answers for a minute.
 */
export const reset = (tcp: Net.Socket): void => {
  if (tcp.destroyed) return
  // Through an agent it may be TLS, which cannot.
  if (!isEnding(tcp) && !(tcp instanceof Tls.TLSSocket)) {
    if (!tcp.connecting) tcp.resetAndDestroy()
    // The kernel may have made a connection that Node still calls connecting. `resetAndDestroy` waits to
    // hear of it, which is too late; this is what it does then. Without a port there is no socket yet, and
    // Node would forget the handle.
    else if (tcp.localPort) Object.assign(tcp, { resetAndClosing: true })
  }
  // `resetAndDestroy` waits until what was written is sent, which here would be for ever.
  tcp.destroy()
}

/**
 * Whether a socket's FIN is on its way out. Asked for a reset then, libuv refuses, and Node forgets the
 * handle without closing it: no 'close' comes any more, and the process never ends.
 */
export const isEnding = (socket: Net.Socket): boolean =>
  socket.writableEnded && !socket.writableFinished
