/** A wire by itself, without a client. */
import { assert } from "@effect/vitest"
import type { Wire, WireEnd, WireRequest } from "@fiberline/client/Wire"
import * as NodeWire from "@fiberline/node/NodeWire"
import { eventually } from "./live.js"

/** Opens a wire and writes down what its listener hears. */
export const open = (
  request: Partial<WireRequest> & { readonly url: string },
  options?: NodeWire.Options
) => {
  const heard: Array<string | ArrayBuffer> = []
  const ends: Array<WireEnd> = []
  const wire: Wire = NodeWire.make(options)(
    { subprotocols: ["graphql-transport-ws"], headers: {}, maxFrameSize: 2 ** 20, ...request },
    {
      onOpen: (subprotocol) => heard.push(`open ${subprotocol}`),
      onActivity: () => {},
      onFrame: (frame) => {
        assert.deepStrictEqual(ends, [], "no frame after the end")
        heard.push(frame)
      },
      onEnd: (end) => ends.push(end)
    }
  )
  return { wire, heard, ends, ended: eventually(() => assert.lengthOf(ends, 1)) }
}
