/** What is used here of packages that have no types. */

declare module "phoenix-1" {
  // Its Socket, Channel and Push have what is used here of those of 1.8.
  export { Socket } from "phoenix"
}

declare module "@absinthe/socket" {
  import type { Socket } from "phoenix"

  interface AbsintheSocket {
    readonly notifiers: ReadonlyArray<Notifier>
  }

  interface Notifier {
    readonly isActive: boolean
  }

  interface Observer {
    readonly onStart?: (notifier: Notifier) => void
    readonly onResult?: (result: unknown) => void
    readonly onError?: (error: Error) => void
    readonly onAbort?: (error: Error) => void
    readonly onCancel?: () => void
  }

  interface Request {
    readonly operation: string
    readonly variables?: object
  }

  export const create: (socket: Socket) => AbsintheSocket
  export const send: (socket: AbsintheSocket, request: Request) => Notifier
  export const observe: (socket: AbsintheSocket, notifier: Notifier, observer: Observer) => Notifier
  export const cancel: (socket: AbsintheSocket, notifier: Notifier) => AbsintheSocket
}
