// A `graphql-ws` server of its own process, to be stopped and killed. Writes its port on a line.
import { buildSchema } from "graphql"
import { useServer } from "graphql-ws/use/ws"
import { setTimeout as delay } from "node:timers/promises"
import { WebSocketServer } from "ws"

const wss = new WebSocketServer({ port: 0, host: "127.0.0.1" }, () =>
  console.log(wss.address().port)
)

useServer(
  {
    schema: buildSchema(
      "type Query { hello: String! } type Subscription { ticks(every: Int!): Int! }"
    ),
    roots: {
      query: { hello: () => "hello" },
      subscription: {
        ticks: async function* ({ every }) {
          for (let ticks = 1; ; ticks++) {
            await delay(every)
            yield { ticks }
          }
        }
      }
    }
  },
  wss,
  0
)
