/**
 * When something that is selected is there: always, never, or when some variables say so.
 *
 * A condition is a string, so that equal ones are equal: the names of what has to hold, sorted; "" always holds.
 */
import type { DirectiveNode, ValueNode } from "graphql"

export type Condition = string

export const always: Condition = ""

export const both = (a: Condition, b: Condition): Condition =>
  Array.from(new Set([...a.split("&"), ...b.split("&")]))
    .filter((part) => part !== "")
    .sort()
    .join("&")

/**
 * The condition of `@include`, `@skip` and `@defer`; `undefined` if it never holds.
 *
 * What is deferred may be absent as long as it has not arrived.
 */
export const conditionOf = (
  directives: ReadonlyArray<DirectiveNode> | undefined
): Condition | undefined => {
  let condition: Condition = always
  for (const directive of directives ?? []) {
    const name = directive.name.value
    if (name !== "include" && name !== "skip" && name !== "defer") continue
    const value = directive.arguments?.find((argument) => argument.name.value === "if")?.value
    // Of the three, `@defer` alone can do without.
    const literal = value === undefined ? true : literalOf(value)
    const isMet = literal === undefined ? undefined : name === "include" ? literal : !literal
    if (isMet === true) continue
    if (isMet === false && name !== "defer") return undefined
    const on = value?.kind === "Variable" ? `$${value.name.value}` : ""
    // What is deferred twice arrives twice.
    const at = name === "defer" ? ` ${String(directive.loc?.start)}` : ""
    condition = both(condition, `${name} ${on}${at}`)
  }
  return condition
}

const literalOf = (value: ValueNode): boolean | undefined =>
  value.kind === "BooleanValue" ? value.value : undefined

/**
 * Whether something is there whenever its parent is: it is selected always, or each time the parent is.
 */
export const isCertain = (
  conditions: ReadonlyArray<Condition>,
  parents: ReadonlyArray<Condition>
): boolean =>
  conditions.includes(always) || parents.every((condition) => conditions.includes(condition))
