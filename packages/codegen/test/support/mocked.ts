/** A schema whose resolvers make up values, the same ones for the same seed. */
import {
  type GraphQLFieldResolver,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isEnumType,
  isIntrospectionType,
  isListType,
  isNonNullType,
  isObjectType
} from "graphql"

export interface Seed {
  value: number
}

/** The scalars of all schemas here, by their names. */
const scalars: { readonly [name: string]: (n: number) => unknown } = {
  ID: (n) => `id-${n}`,
  String: (n) => `text ${n}`,
  Int: (n) => n,
  Float: (n) => n / 4,
  Boolean: (n) => n % 2 === 0,
  BigInt: (n) => String(n),
  Date: () => "2026-02-03",
  DateTime: (n) => new Date(n * 1e9).toISOString(),
  GitObjectID: (n) => `${n}abc`,
  GitTimestamp: (n) => new Date(n * 1e9).toISOString(),
  Duration: (n) => `PT${n}S`,
  URL: (n) => `https://example.com/${n}`,
  Url: (n) => `https://example.com/${n}`,
  URI: (n) => `https://example.com/${n}`,
  UUID: (n) => `01913cd5-784f-4d3b-abef-4c77b1f09${String(n % 1000).padStart(3, "0")}`
}

/** Numbers that look like chance, by a linear congruence. */
const next = (seed: Seed): number => {
  seed.value = (seed.value * 1103515245 + 12345) % 2147483648
  return Math.floor(seed.value / 65536) % 1000
}

/** Puts resolvers into a schema. What they give depends on the seed, whose value a test sets. */
export const mock = (schema: GraphQLSchema, seed: Seed): GraphQLSchema => {
  const valueOf = (type: GraphQLOutputType): unknown => {
    if (isNonNullType(type)) return presentOf(type.ofType)
    return next(seed) % 4 === 0 ? null : presentOf(type)
  }
  const presentOf = (type: GraphQLOutputType): unknown => {
    if (isListType(type)) {
      return Array.from({ length: next(seed) % 3 }, () => valueOf(type.ofType))
    }
    if (isEnumType(type)) return pick(type.getValues()).value
    if (isAbstractType(type)) return { __typename: pick(schema.getPossibleTypes(type)).name }
    if (isObjectType(type)) return { __typename: type.name }
    return scalars["name" in type ? type.name : ""]?.(next(seed)) ?? { any: next(seed) }
  }
  const pick = <A>(all: ReadonlyArray<A>): A => {
    const one = all[next(seed) % all.length]
    if (one === undefined) throw new Error("nothing to pick from")
    return one
  }

  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || isIntrospectionType(type)) continue
    for (const field of Object.values(type.getFields())) {
      const resolve: GraphQLFieldResolver<unknown, unknown> = () => valueOf(field.type)
      field.resolve = resolve
      if (type !== schema.getSubscriptionType()) continue
      field.subscribe = async function* () {
        for (let i = 0; i < 3; i++) {
          await Promise.resolve()
          yield i
        }
      }
    }
  }
  return schema
}
