import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { hasSocket } from "../../src/demo/socketTable.js"
import { connect, makeServer } from "./tcp.js"

it.scopedLive("finds a socket by its ports for as long as the system has it", () =>
  Effect.gen(function* () {
    const known = process.platform === "linux" ? Option.some : () => Option.none()
    const { port } = yield* makeServer
    const { socket } = yield* connect(port)
    const local = socket.localPort!

    assert.deepStrictEqual(yield* hasSocket(local, port), known(true))
    assert.deepStrictEqual(yield* hasSocket(local, local), known(false))
    // Said good-bye to, but not answered, it is the system's own for another minute.
    socket.destroy()
    assert.deepStrictEqual(yield* hasSocket(local, port), known(true))

    const other = yield* connect(port)
    const otherLocal = other.socket.localPort!
    other.socket.resetAndDestroy()
    assert.deepStrictEqual(yield* hasSocket(otherLocal, port), known(false))
  })
)
