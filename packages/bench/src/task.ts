/** What the processes of a measurement say to each other. */
import type { ClientName } from "./clients.js"
import type { MeasurementName } from "./measurements/index.js"
import type { Parameters, Sample } from "./measurement.js"

/** One run: one client, one measurement. */
export interface Task {
  readonly measurement: MeasurementName
  readonly client: ClientName
  readonly parameters: Parameters
}

/** The client's process asks; the answer bears the number of the question. */
export interface Question {
  readonly id: number
  readonly method: "begun" | "spread" | "statistics" | "freeze" | "kill"
  readonly argument: number
}

export interface Answer {
  readonly id: number
  readonly value: unknown
}

export type FromClient =
  | ({ readonly _tag: "Question" } & Question)
  | { readonly _tag: "Done"; readonly sample: Sample }
  | { readonly _tag: "Failed"; readonly message: string }
