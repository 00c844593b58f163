/** All declarations of a program, none of them under the name of another. */
import { basename } from "node:path"
import { failOn, type Problem } from "../errors.js"
import type { Program } from "../program.js"
import {
  type Declaration,
  enumDeclaration,
  fragmentDeclaration,
  functions,
  inputDeclaration,
  operationDeclaration,
  scalarDeclaration,
  typenamesDeclaration
} from "./declarations.js"
import { exportedName, reserved } from "./names.js"
import type { Scope } from "./schemas.js"

export interface Declarations {
  /** Of the schema: scalars, enums, inputs, in an order in which each comes after what it uses. */
  readonly schema: ReadonlyArray<Declaration>
  /** By the names that they have in the documents; each after those that it uses. */
  readonly fragments: ReadonlyMap<string, Declaration>
  readonly operations: ReadonlyMap<string, Declaration>
}

export const declare = (program: Program): Declarations => {
  const scope: Scope = { program, uses: new Set(), typenames: new Map() }
  const fragments = new Map(
    Array.from(program.fragments)
      .filter(([name]) => !program.externals.has(name))
      .map(([name, fragment]) => [name, fragmentDeclaration(scope, fragment)])
  )
  const operations = new Map(
    program.operations.map((operation) => [
      operation.node.name?.value ?? "",
      operationDeclaration(scope, operation)
    ])
  )
  const typenames = Array.from(scope.typenames).sort(([a], [b]) => (a < b ? -1 : 1))
  const enums = Array.from(program.enums.values(), (type) => enumDeclaration(scope, type))
  const inputs = Array.from(program.inputs.values(), (type) => inputDeclaration(scope, type))
  const used = new Set(
    [...fragments.values(), ...operations.values()].flatMap(({ uses }) => Array.from(uses))
  )
  const others = [
    ...functions.filter(({ names }) => names.some((name) => used.has(name))),
    ...enums,
    ...typenames.map(([type, types]) => typenamesDeclaration(scope, type, types)),
    ...inputs
  ]
  const all = [...fragments.values(), ...operations.values(), ...others]
  const taken = new Set([
    ...reserved.keys(),
    ...Array.from(program.scalars.keys(), exportedName),
    ...all.flatMap(({ names }) => names)
  ])
  const moduleName = moduleNames(taken)
  const scalars = Array.from(program.scalars.values(), (scalar) =>
    scalarDeclaration(scope, scalar, moduleName)
  )
  failOn(clashes([...scalars, ...all]))
  return { schema: [...scalars, ...others], fragments, operations }
}

/** What modules are imported as: after their files, or with a number where that is taken. */
const moduleNames = (taken: Set<string>) => {
  const names = new Map<string, string>()
  return (module: string): string => {
    const known = names.get(module)
    if (known !== undefined) return known
    const words = basename(module)
      .replace(/\.\w+$/, "")
      .split(/[^\p{ID_Continue}]+/u)
      .filter((word) => word !== "")
    const base = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("")
    const start = /^\p{ID_Start}/u.test(base) ? base : `Module${base}`
    let name = start
    for (let n = 2; taken.has(name); n++) name = `${start}${String(n)}`
    taken.add(name)
    names.set(module, name)
    return name
  }
}

const clashes = (declarations: ReadonlyArray<Declaration>): ReadonlyArray<Problem> => {
  const byName = new Map<string, Declaration>()
  const problems: Array<Problem> = []
  for (const declaration of declarations) {
    for (const name of declaration.names) {
      const other = byName.get(name)
      byName.set(name, declaration)
      const imported = reserved.get(name)
      if (imported !== undefined) {
        problems.push({
          message: `${sentence(declaration.of)} would be exported as ${name}, which is what ${imported} is imported as. ${advice}`,
          nodes: [declaration.node]
        })
      } else if (other !== undefined) {
        problems.push({
          message: `${sentence(other.of)} and ${declaration.of} would both be exported as ${name}. ${advice}`,
          nodes: [other.node, declaration.node]
        })
      }
    }
  }
  return problems
}

const advice =
  'Rename what is yours, or have names end in something else, as in suffix: { data: "Result" }.'

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
