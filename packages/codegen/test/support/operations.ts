/** All operations that are generated for the schemas here, with their Schemas. */
import type * as Operation from "@fiberline/client/Operation"
import * as Schema from "effect/Schema"
import * as Dialogs from "../schemas/dialogporten/dialogs.js"
import * as Actors from "../schemas/github/actors.generated.js"
import * as Issues from "../schemas/github/issues.generated.js"
import * as Nodes from "../schemas/github/nodes.generated.js"
import * as Pulls from "../schemas/github/pulls.generated.js"
import * as Repositories from "../schemas/github/repositories.generated.js"
import * as Shop from "../schemas/nautical/shop.generated.js"
import * as Open from "../schemas/stations/open.js"
import * as Stations from "../schemas/stations/stations.js"
import type { Name } from "./corpora.js"

export interface Generated {
  readonly name: string
  readonly corpus: Name
  readonly operation: Operation.Operation<Operation.Kind, never, unknown>
  readonly data: Schema.Schema<unknown, unknown>
  readonly variables: Schema.Schema<unknown, unknown>
  /** Those that its schema knows. */
  readonly known: Schema.Schema<unknown, unknown>
}

type Module = { readonly [name: string]: unknown }

const modules: ReadonlyArray<readonly [Name, string, Module, known?: Module]> = [
  ["github", "github", { ...Actors, ...Issues, ...Nodes, ...Pulls, ...Repositories }],
  ["nautical", "nautical", Shop],
  ["dialogporten", "dialogporten", Dialogs],
  ["stations", "stations", Stations],
  ["stations", "stations, with unknown values", Open, Stations]
]

const isOperation = (value: unknown): value is Generated["operation"] =>
  typeof value === "object" && value !== null && "_tag" in value && value._tag === "Operation"

export const operations: ReadonlyArray<Generated> = modules.flatMap(
  ([corpus, of, module, known = module]) =>
    Object.entries(module).flatMap(([name, operation]) =>
      isOperation(operation)
        ? [
            {
              name: `${name} of ${of}`,
              corpus,
              operation,
              // Type boundary: what is generated beside an operation is called after it.
              data: module[`${name}Data`] as Generated["data"],
              variables: (module[`${name}Variables`] ??
                Schema.Struct({})) as Generated["variables"],
              known: (known[`${name}Variables`] ?? Schema.Struct({})) as Generated["variables"]
            }
          ]
        : []
    )
)
