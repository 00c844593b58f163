import { assert, it } from "@effect/vitest"
import { GraphQLClient, LocalSchema } from "@fiberline/client"
import * as fiberline from "@fiberline/codegen"
import { generate } from "@graphql-codegen/cli"
import { Effect } from "effect"
import { buildSchema } from "graphql"
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import config from "./codegen.js"
import { Latest } from "./stations.generated.js"

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))

it("codegen.ts generates stations.generated.ts", async () => {
  const cwd = here(".")
  const options = { ...config, cwd, silent: true, pluginLoader: () => fiberline }
  const [file]: ReadonlyArray<{ readonly content: string }> = await generate(options, false)
  if (process.env.UPDATE_DOCS === "1")
    writeFileSync(here("stations.generated.ts"), file?.content ?? "")
  assert.strictEqual(readFileSync(here("stations.generated.ts"), "utf8"), file?.content)
})

it("the page shows the document as it is", () => {
  assert.include(
    readFileSync(here("../codegen.md"), "utf8"),
    readFileSync(here("stations.graphql"), "utf8")
  )
})

// #region use
const latest = Effect.gen(function* () {
  const client = yield* GraphQLClient.GraphQLClient
  const { readings } = yield* client.query(Latest, {
    variables: { filter: { since: new Date("2026-01-01") } }
  })
  return readings.map((reading) => {
    switch (reading.__typename) {
      case "Temperature":
        return `${reading.station.name}, ${reading.at.getUTCHours()} h: ${reading.celsius} °C`
      case "Outage":
        return `${reading.station.name}: ${reading.trouble ?? "no trouble"}`
    }
  })
})
// #endregion

it.effect("a generated operation is used", () => {
  const snowdon = { id: "1", name: "Snowdon", height: 1085 }
  const rootValue = {
    readings: ({ filter }: { readonly filter: { readonly since: string } }) => [
      { __typename: "Temperature", at: filter.since, station: snowdon, celsius: -3.5 },
      { __typename: "Outage", at: filter.since, station: snowdon, trouble: "FROST" }
    ]
  }
  const schema = buildSchema(readFileSync(here("stations.schema.graphql"), "utf8"))
  return Effect.gen(function* () {
    assert.deepStrictEqual(yield* latest, ["Snowdon, 0 h: -3.5 °C", "Snowdon: FROST"])
  }).pipe(Effect.provide(LocalSchema.layer({ schema, rootValue })))
})
