/** The schema that every server here serves, where it lets us say which. */
import {
  GraphQLError,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLSchema,
  GraphQLString
} from "graphql"
import type { Readable } from "node:stream"
import { text } from "node:stream/consumers"
import { setTimeout as delay } from "node:timers/promises"

/** How far apart the endless ticks are, in milliseconds. */
export const tickMillis = 50

export const failCode = "ON_PURPOSE"

export const fail = (): never => {
  throw new GraphQLError("failed on purpose", { extensions: { code: failCode } })
}

export const greet = (name: string): string => `Hello, ${name}!`

export const count = async function* (to: number, everyMillis: number) {
  for (let number = 1; number <= to; number++) {
    await delay(everyMillis)
    yield { count: number }
  }
}

export const ticks = async function* () {
  for (let number = 1; ; number++) {
    await delay(tickMillis)
    yield { ticks: number }
  }
}

/** Of somebody whose story takes a while. */
export const user = {
  name: "Ada",
  tags: ["mathematician", "countess", "translator"],
  biography: "born in 1815"
}

const int = new GraphQLNonNull(GraphQLInt)
const string = new GraphQLNonNull(GraphQLString)

let bumped = 0

/** A file, as the server has it: of the web, or of graphql-upload. */
const Upload = new GraphQLScalarType<File | Uploaded>({ name: "Upload" })

interface Uploaded {
  readonly promise: Promise<{
    readonly filename: string
    readonly createReadStream: () => Readable
  }>
}

const received = async (file: File | Uploaded): Promise<string> => {
  if (!("promise" in file)) return `${file.name}: ${await file.text()}`
  const { createReadStream, filename } = await file.promise
  return `${filename}: ${await text(createReadStream())}`
}

const User = new GraphQLObjectType<typeof user>({
  name: "User",
  fields: {
    name: { type: string },
    tags: { type: new GraphQLNonNull(new GraphQLList(string)) },
    biography: { type: string, resolve: ({ biography }) => delay(tickMillis, biography) }
  }
})

export const schema = new GraphQLSchema({
  query: new GraphQLObjectType({
    name: "Query",
    fields: {
      hello: {
        type: string,
        args: { name: { type: string } },
        resolve: (_, { name }) => greet(name)
      },
      fails: { type: GraphQLString, resolve: fail },
      user: { type: new GraphQLNonNull(User), resolve: () => user }
    }
  }),
  mutation: new GraphQLObjectType({
    name: "Mutation",
    fields: {
      bump: { type: int, args: { by: { type: int } }, resolve: (_, { by }) => (bumped += by) },
      receive: {
        type: string,
        args: { file: { type: new GraphQLNonNull(Upload) } },
        resolve: (_, { file }) => received(file)
      }
    }
  }),
  subscription: new GraphQLObjectType({
    name: "Subscription",
    fields: {
      count: {
        type: int,
        args: { to: { type: int }, everyMillis: { type: GraphQLInt, defaultValue: 10 } },
        subscribe: (_, { everyMillis, to }) => count(to, everyMillis)
      },
      ticks: { type: int, subscribe: () => ticks() }
    }
  })
})
