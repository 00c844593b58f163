import { CloseCode, GraphQLTransportWs, Keepalive } from "@fiberline/core"

const { decode, encode } = GraphQLTransportWs.graphqlTransportWs.client

console.log(encode({ _tag: "Subscribe", id: "1", payload: { query: "{ n }" } }))
// => {"type":"subscribe","id":"1","payload":{"query":"{ n }"}}

console.log(decode(`{"type":"next","id":"1","payload":{"data":{"n":1}}}`))
// => { _tag: 'Next', id: '1', payload: { data: { n: 1 } } }

// Whatever arrives, it is a message or the reason why it is none.
const rejected = decode(`{"type":"next","id":1}`)
console.log(rejected._tag === "Rejected" && rejected.detail)
// => "id" must be a non-empty string, but is a number

const { fault, name, retry } = CloseCode.describe(4403)
console.log(name, fault, retry)
// => Forbidden client refresh

// Deadlines instead of timers: milliseconds on whatever clock you have.
const keepalive = new Keepalive.Keepalive({ interval: 20_000, timeout: 10_000 }, 0)
console.log(keepalive.wait(0), keepalive.due(20_000))
// => 20000 Probe
keepalive.probed(20_000)
console.log(keepalive.due(29_999), keepalive.due(30_000))
// => Wait Dead
