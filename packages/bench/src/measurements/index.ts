/** The measurements by name, for the process that runs one of them. */
import type { Parameters, Sample, Subject } from "../measurement.js"
import { churn } from "./churn.js"
import { connections } from "./connections.js"
import { death } from "./death.js"
import { flood } from "./flood.js"
import { many } from "./many.js"
import { slow } from "./slow.js"

export const measurements = { flood, many, connections, churn, slow, death }

/** `load` is done by the process itself: it measures what loading a client takes. */
export type MeasurementName = keyof typeof measurements | "load"

export const measure = (
  name: keyof typeof measurements,
  subject: Subject,
  parameters: Parameters
): Promise<Sample> => {
  // Type boundary: the plan gives each measurement its own parameters.
  const run = measurements[name] as (subject: Subject, parameters: Parameters) => Promise<Sample>
  return run(subject, parameters)
}
