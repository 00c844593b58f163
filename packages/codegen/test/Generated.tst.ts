import type * as Operation from "@fiberline/client/Operation"
import { describe, expect, test } from "tstyche"
import type { NodeData } from "./schemas/github/nodes.generated.js"
import type { Viewer } from "./schemas/github/actors.generated.js"
import type * as Open from "./schemas/stations/open.js"
import type * as Stations from "./schemas/stations/stations.js"

type Node = NonNullable<NodeData["node"]>

describe("generated types", () => {
  test("tell the types of a union apart by `__typename`", () => {
    type Of<Name extends Node["__typename"]> = Extract<Node, { readonly __typename: Name }>
    expect<Of<"PullRequest">["title"]>().type.toBe<string>()

    const describeNode = (node: Node) => {
      switch (node.__typename) {
        case "Issue":
          expect(node.createdAt).type.toBe<Date>()
          return
        case "PullRequest":
          expect(node.merged).type.toBe<boolean>()
          return
        case "Bot":
        case "User":
        case "EnterpriseUserAccount":
        case "Mannequin":
        case "Organization":
          expect(node.login).type.toBe<string>()
          return
        default:
          expect<keyof typeof node>().type.toBe<"__typename" | "id">()
      }
    }
    expect(describeNode).type.toBeCallableWith({ __typename: "Commit" as const, id: "1" })
    expect(describeNode).type.not.toBeCallableWith({ __typename: "None" as const, id: "1" })
  })

  test("tell apart what is newer than the schema", () => {
    const describeReading = (reading: Open.ReadingParts) => {
      switch (reading.__typename) {
        case "Temperature":
          expect(reading.celsius).type.toBe<number>()
          return
        case "Wind":
          expect(reading.direction).type.toBe<Open.Direction | null>()
          return
        case "Outage":
          return
        default:
          expect(reading.__typename).type.toBe<"%other">()
          expect(reading.at).type.toBe<Date>()
      }
    }
    expect(describeReading).type.toBeCallableWith({
      __typename: "%other" as const,
      id: "1",
      at: new Date(0)
    })
  })

  test("keep a value of an enum that the schema did not have", () => {
    expect<Open.Direction>().type.toBeAssignableTo<string>()
    expect<Open.Direction>().type.toBeAssignableFrom<"NORTH">()
    expect<Open.Direction>().type.not.toBeAssignableFrom<"UP">()
  })

  test("want exactly one member of a `@oneOf` input", () => {
    expect<Stations.StationBy>().type.toBeAssignableFrom<{ id: string }>()
    expect<Stations.StationBy>().type.toBeAssignableFrom<{
      near: { latitude: number; longitude: number }
    }>()
    expect<Stations.StationBy>().type.not.toBeAssignableFrom<{ id: string; name: string }>()
    expect<Stations.StationBy>().type.not.toBeAssignableFrom<{}>()
    expect<Stations.StationBy>().type.not.toBeAssignableFrom<{ id: null }>()
  })

  test("have inputs that contain themselves", () => {
    expect<Stations.ReadingFilter>().type.toBeAssignableFrom<{
      and: [{ since: Date }, { not: { direction: ["NORTH"] } }]
      during: { from: Date; for: number; except: [{ not: null }] }
    }>()
    expect<Stations.ReadingFilter>().type.not.toBeAssignableFrom<{
      and: [{ not: { direction: ["UP"] } }]
    }>()
    expect<Stations.ReadingFilterEncoded["since"]>().type.toBe<string | null | undefined>()
    expect<typeof Stations.ReadingFilter.Context>().type.toBe<never>()
  })

  test("admit no null for a variable with a default that is put where none may be", () => {
    type Variables = Operation.Variables<typeof Stations.Reading>
    expect<Variables>().type.toBeAssignableFrom<{ id: string }>()
    expect<Variables>().type.toBeAssignableFrom<{ id: string; skipStation: true }>()
    expect<Variables>().type.not.toBeAssignableFrom<{ id: string; skipStation: null }>()
  })

  test("are those of the operation", () => {
    expect<Operation.Variables<typeof Viewer>>().type.toBe<Operation.NoVariables>()
    expect<Operation.Data<typeof Viewer>["viewer"]["company"]>().type.toBe<string | null>()
    expect<Operation.Data<typeof Stations.Later>>().type.toBe<Stations.LaterData>()
    expect<NonNullable<Stations.LaterData["station"]>["name"]>().type.toBe<string | undefined>()
  })
})
