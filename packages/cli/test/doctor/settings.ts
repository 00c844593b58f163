import * as Redacted from "effect/Redacted"
import { parse } from "../../src/doctor/endpoint.js"
import type { Report, StepName, StepOf } from "../../src/doctor/report.js"
import type { Settings } from "../../src/doctor/settings.js"

/** The defaults of the command line. */
export const settings = (
  url: string,
  { token, ...more }: Partial<Settings> & { readonly token?: string } = {}
): Settings => ({
  endpoint: parse(url)!,
  headers: token === undefined ? {} : { authorization: Redacted.make(`Bearer ${token}`) },
  payload: token === undefined ? undefined : Redacted.make({ deep: { key: token } }),
  secrets: token === undefined ? [] : [Redacted.make(token)],
  transport: "auto",
  timeout: 10_000,
  listen: 15_000,
  probeLimit: undefined,
  idleLimit: undefined,
  idleFirst: 15_000,
  ...more
})

/** The step of a name, whatever became of it. */
export const stepOf = <Name extends StepName>({ steps }: Report, name: Name): StepOf<Name> =>
  // Type boundary: it is the step of that name.
  steps.find(({ step }) => step === name) as StepOf<Name>

/** What a step found, which it must have. */
export const factsOf = <Name extends StepName>(report: Report, name: Name) => {
  const step = stepOf(report, name)
  if (!("facts" in step)) throw new Error(`${name}: ${JSON.stringify(step)}`)
  return step.facts
}

export const statuses = ({ steps }: Report): { readonly [step: string]: string } =>
  Object.fromEntries(steps.map(({ status, step }) => [step, status]))

export const problems = ({ advice }: Report): string =>
  advice.notes.flatMap(({ level, text }) => (level === "problem" ? [text] : [])).join("\n")

export const notes = ({ advice }: Report): string => advice.notes.map(({ text }) => text).join("\n")
