import { assert, it } from "vitest"

it("core can be loaded, and has its modules by name", async () => {
  // Not above: tables are made while a module is loaded, and where that fails no test is left to fail.
  const core = await import("@fiberline/core")
  assert.hasAllKeys(core, [
    "Absinthe",
    "ActionCable",
    "AppSync",
    "CloseCode",
    "ConnectionState",
    "EventStream",
    "GraphQLOverHttp",
    "GraphQLSse",
    "GraphQLTransportWs",
    "IncrementalDelivery",
    "Keepalive",
    "MultipartMixed",
    "MultipartSubscription",
    "OperationState",
    "PersistedQuery",
    "Subprotocol",
    "SubscriptionsTransportWs",
    "UpgradeStatus",
    "Upload"
  ])
})
