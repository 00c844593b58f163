// A `graphql-ws` server of its own process, to be stopped and killed. Listens on the port it is given,
// and writes what it sees as lines of JSON: its port, its connections, its messages.
import { buildSchema } from "graphql"
import { useServer } from "graphql-ws/use/ws"
import process from "node:process"
import { setTimeout as delay } from "node:timers/promises"
import { WebSocketServer } from "ws"

const tell = (line) => console.log(JSON.stringify(line))

const wss = new WebSocketServer({ port: Number(process.argv[2] ?? 0), host: "127.0.0.1" }, () =>
  tell({ port: wss.address().port })
)

wss.on("connection", (ws) => {
  tell({ connections: wss.clients.size })
  ws.on("message", (data) => tell({ message: JSON.parse(String(data)) }))
})

useServer(
  {
    schema: buildSchema(/* GraphQL */ `
      type Query {
        hello: String!
      }
      type Subscription {
        ticks(every: Int!): Int!
        "The numbers that follow this one."
        counter(after: Int!): Int!
      }
    `),
    roots: {
      query: { hello: () => "hello" },
      subscription: {
        ticks: async function* ({ every }) {
          for (let ticks = 1; ; ticks++) {
            await delay(every)
            yield { ticks }
          }
        },
        counter: async function* ({ after }) {
          for (let counter = after + 1; ; counter++) {
            await delay(1)
            yield { counter }
          }
        }
      }
    }
  },
  wss,
  0
)
