/** GraphQL Yoga: queries and mutations over HTTP, subscriptions by Server-Sent Events, and no WebSocket. */
import { createSchema, createYoga } from "graphql-yoga"
import * as Effect from "effect/Effect"
import * as Http from "node:http"
import { listen } from "../../src/demo/loopback.js"

const typeDefs = /* GraphQL */ `
  "A greeter."
  type Query {
    "Greets."
    hello(name: String = "you"): String!
    sum(numbers: [Int!]!): Int!
    fail: String
    token: String
  }
  type Mutation {
    add(a: Int!, b: Int!): Int!
  }
  type Subscription {
    count(to: Int!): Int!
    odd: Int
  }
`

async function* numbers(to: number) {
  for (let number = 1; number <= to; number++) yield number
}

export const yoga = Effect.gen(function* () {
  const requests: Array<Http.IncomingHttpHeaders> = []
  const handler = createYoga<{ req: Http.IncomingMessage }>({
    logging: false,
    maskedErrors: false,
    schema: createSchema({
      typeDefs,
      resolvers: {
        Query: {
          hello: (_, { name }) => `hello ${name}`,
          sum: (_, { numbers }: { numbers: ReadonlyArray<number> }) =>
            numbers.reduce((sum, number) => sum + number, 0),
          fail: (_, __, { req }) => {
            throw new Error(`no access with ${req.headers.authorization}`)
          },
          token: (_, __, { req }) => req.headers.authorization
        },
        Mutation: { add: (_, { a, b }) => a + b },
        Subscription: {
          count: {
            subscribe: (_: unknown, { to }: { to: number }) => numbers(to),
            resolve: (number: number) => number
          },
          odd: {
            subscribe: () => numbers(2),
            resolve: (number: number) => {
              if (number === 2) throw new Error("2 is even")
              return number
            }
          }
        }
      }
    })
  })
  const server = Http.createServer((request, response) => {
    requests.push(request.headers)
    void handler(request, response)
  })
  const port = yield* listen(server)
  return { url: `http://127.0.0.1:${port}/graphql`, port, requests }
})
