/** The measurements by name, for the process that runs one of them. */
import type { Adapter } from "../adapter.js"
import type { Parameters, Sample, Subject } from "../measurement.js"
import type { QueryAdapter } from "../queryAdapter.js"
import { churn } from "./churn.js"
import { connections } from "./connections.js"
import { death } from "./death.js"
import { flood } from "./flood.js"
import { many } from "./many.js"
import { queries } from "./queries.js"
import { slow } from "./slow.js"

export const measurements = { flood, many, connections, churn, slow, death, queries }

/** `load` is done by the process itself: it measures what loading a client takes. */
export type MeasurementName = keyof typeof measurements | "load"

export const measure = (
  name: keyof typeof measurements,
  subject: Subject<Adapter | QueryAdapter>,
  parameters: Parameters
): Promise<Sample> => {
  // Type boundary: the plan gives each measurement its own parameters and its own clients.
  const run = measurements[name] as (
    subject: Subject<Adapter | QueryAdapter>,
    parameters: Parameters
  ) => Promise<Sample>
  return run(subject, parameters)
}
