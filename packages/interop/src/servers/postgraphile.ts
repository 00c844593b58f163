/**
 * PostGraphile 4 before a PostgreSQL: what the schema has in it comes from a function there, or goes
 * through it, and subscriptions are fed by its NOTIFY.
 *
 * PostGraphile 5 needs Node 22.
 */
import pg from "pg"
import {
  enhanceHttpServerWithWebSockets,
  gql,
  makeExtendSchemaPlugin,
  postgraphile,
  type PostGraphileOptions
} from "postgraphile"
import { failCode, tickMillis } from "../schema.js"
import { httpServer, isAuthorized, listen, path, type Start } from "./server.js"

const functions = `
  create or replace function public.hello(name text) returns text language sql stable
    as $$ select 'Hello, ' || name || '!' $$;
  create sequence if not exists public.bumped minvalue 0 start 0;
`

/** The numbers from 1 up, each of which has been through the database. */
const numbers = async function* (pool: pg.Pool, field: string, last: number, everyMillis: number) {
  const client = await pool.connect()
  const channel = `numbers_${Math.random().toString(36).slice(2)}`
  try {
    await client.query(`listen ${channel}`)
    for (let number = 1; number <= last; number++) {
      const notified = new Promise<string | undefined>((resolve) => {
        client.once("notification", ({ payload }) => resolve(payload))
      })
      await pool.query("select pg_sleep($1), pg_notify($2, $3)", [
        everyMillis / 1000,
        channel,
        String(number)
      ])
      yield { [field]: Number(await notified) }
    }
  } finally {
    client.release(true)
  }
}

const extension = (pool: pg.Pool) =>
  makeExtendSchemaPlugin(() => ({
    typeDefs: gql`
      extend type Query {
        fails: String
      }
      extend type Mutation {
        bump(by: Int!): Int!
      }
      extend type Subscription {
        count(to: Int!, everyMillis: Int = 10): Int!
        ticks: Int!
      }
    `,
    resolvers: {
      Query: {
        // A division by zero, in the database; the code is ours.
        fails: () =>
          pool.query("select 1 / 0").catch(({ message }: Error) => {
            throw Object.assign(new Error(message), { extensions: { code: failCode } })
          })
      },
      Mutation: {
        bump: async (_: unknown, { by }: { readonly by: number }) => {
          const { rows } = await pool.query(
            "select setval('bumped', nextval('bumped') - 1 + $1) as bumped",
            [by]
          )
          return Number(rows[0].bumped)
        }
      },
      Subscription: {
        count: {
          subscribe: (
            _: unknown,
            { everyMillis, to }: { readonly to: number; readonly everyMillis: number }
          ) => numbers(pool, "count", to, everyMillis),
          resolve: ({ count }: { readonly count: number }) => count
        },
        ticks: {
          subscribe: () => numbers(pool, "ticks", Infinity, tickMillis),
          resolve: ({ ticks }: { readonly ticks: number }) => ticks
        }
      }
    }
  }))

export const start: Start = async (port, options) => {
  const pool = new pg.Pool({ connectionString: options.database, max: 20 })
  await pool.query(functions)

  const settings: PostGraphileOptions = {
    subscriptions: true,
    // Without its default, which is the older subprotocol beside.
    websockets: ["v1"],
    websocketOperations: "all",
    graphqlRoute: path,
    graphiql: false,
    enableQueryBatching: true,
    disableQueryLog: true,
    appendPlugins: [extension(pool)]
  }
  const handle = postgraphile(pool, "public", settings)
  const server = httpServer((request, response) => {
    if (isAuthorized(options, request.headers.authorization)) return handle(request, response)
    return response.writeHead(401).end()
  })
  await enhanceHttpServerWithWebSockets(server, handle)
  await listen(server, port)
}
