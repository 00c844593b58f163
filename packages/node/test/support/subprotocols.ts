/** The subprotocols besides the usual one. */
import * as Absinthe from "@fiberline/core/Absinthe"
import * as ActionCable from "@fiberline/core/ActionCable"
import { appSync } from "@fiberline/core/AppSync"
import type { Subprotocol } from "@fiberline/core/Subprotocol"
import { subscriptionsTransportWs } from "@fiberline/core/SubscriptionsTransportWs"

export interface Other {
  readonly name: string
  readonly subprotocol: Subprotocol
  /** How its servers say that they serve a connection no longer, where they do. */
  readonly disconnect?: string
  /** What its servers say, none of it for an operation that runs. */
  readonly frames: ReadonlyArray<string>
}

export const others: ReadonlyArray<Other> = [
  {
    name: "legacy",
    subprotocol: subscriptionsTransportWs,
    frames: [
      '{"type":"ka"}',
      '{"type":"data","id":"nobody","payload":{"data":{"n":9}}}',
      '{"type":"error","id":"nobody","payload":{"message":"no"}}',
      '{"type":"complete","id":"nobody"}',
      '{"type":"connection_error","payload":{"message":"no"}}',
      '{"type":"connection_ack"}'
    ]
  },
  {
    name: "Absinthe",
    subprotocol: Absinthe.make(),
    disconnect: '[null,null,"__absinthe__:control","phx_error",{}]',
    frames: [
      '[null,null,"nobody","subscription:data",{"subscriptionId":"nobody","result":{"data":{"n":9}}}]',
      '["join","nobody","__absinthe__:control","phx_reply",{"status":"ok","response":{"data":{}}}]',
      '[null,"heartbeat","phoenix","phx_reply",{"status":"ok","response":{}}]',
      '["join","join","__absinthe__:control","phx_reply",{"status":"error","response":{"reason":"no"}}]',
      '[null,null,"__absinthe__:control","phx_close",{}]',
      '[null,null,"elsewhere","shout",{}]'
    ]
  },
  {
    name: "ActionCable",
    subprotocol: ActionCable.make(),
    disconnect: '{"type":"disconnect","reason":"server_restart","reconnect":true}',
    frames: [
      '{"type":"ping","message":1}',
      '{"identifier":"nobody","type":"confirm_subscription"}',
      '{"identifier":"nobody","message":{"result":{"data":{"n":9}},"more":true}}',
      '{"type":"disconnect","reason":"unauthorized","reconnect":false}',
      '{"type":"disconnect","reason":"server_restart","reconnect":true}',
      '{"type":"welcome"}'
    ]
  },
  {
    name: "AppSync",
    subprotocol: appSync,
    disconnect: '{"type":"error","payload":{"errors":[{"errorType":"LimitExceededError"}]}}',
    frames: [
      '{"type":"ka"}',
      '{"type":"start_ack","id":"nobody"}',
      '{"type":"data","id":"nobody","payload":{"data":{"n":9}}}',
      '{"type":"error","id":"nobody","payload":{"errors":[{"errorType":"X"}]}}',
      '{"type":"connection_error","payload":{"errors":[{"errorType":"UnauthorizedException"}]}}',
      '{"type":"complete","id":"nobody"}',
      '{"type":"connection_ack","payload":{"connectionTimeoutMs":300000}}'
    ]
  }
]
