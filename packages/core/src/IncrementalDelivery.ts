/**
 * Incremental delivery: a result that comes in pieces, as `@defer` and `@stream` ask for.
 *
 * There are three formats, and servers mix them, so that each member is understood wherever it stands:
 *
 * - the oldest: a piece is a payload, `{data, path, label?, hasNext}`
 * - `deferSpec=20220824`: a payload has pieces, `incremental: [{data | items, path, label?, errors?}]`
 * - `incrementalSpec=v0.2`: pieces are announced (`pending`), refer to that by id, and are `completed`
 *
 * Sources: the incremental delivery RFCs of the GraphQL and the GraphQL over HTTP working groups;
 * Apollo's specifications "incremental" v0.1 and v0.2.
 *
 * @since 0.1.0
 */
import { initial, Merging, type State } from "./internal/merging.js"
import { readObject } from "./internal/json.js"
import type { ExecutionResult, JsonObject, Next, Rejected } from "./Message.js"
import type { Part } from "./MultipartMixed.js"

/**
 * The `Accept` of a request that uses `@defer` or `@stream`.
 *
 * The newest format comes first: a server that knows both takes the first, and newer ones no longer
 * have the other one at hand.
 *
 * @since 0.1.0
 * @category constants
 */
export const accept: string = [
  "multipart/mixed;incrementalSpec=v0.2",
  "multipart/mixed;deferSpec=20220824",
  "application/graphql-response+json",
  "application/json;q=0.9"
].join(", ")

/**
 * Reads a part of a multipart response. The operation has the response to itself, so the wire knows no id,
 * and `id` is the one that the message gets.
 *
 * @since 0.1.0
 * @category decoding
 */
export const decodePart = (id: string, { body }: Part): Next | Rejected =>
  readObject(body, (payload) => ({ _tag: "Next", id, payload }))

/**
 * A fragment or a list of which more is to come. Only `incrementalSpec=v0.2` announces them.
 *
 * @since 0.1.0
 * @category models
 */
export interface Pending {
  /** `undefined` from servers of an earlier draft, which tell by path and label what is completed. */
  readonly id: string | undefined
  readonly path: ReadonlyArray<string | number>
  readonly label: string | undefined
}

/**
 * What is known so far. It never changes, and shares with the one before what is the same.
 *
 * @since 0.1.0
 * @category models
 */
export interface Merged {
  readonly result: ExecutionResult
  readonly pending: ReadonlyArray<Pending>
  /** Whether more is to come. */
  readonly hasNext: boolean
}

/**
 * A result that is put together.
 *
 * @since 0.1.0
 * @category models
 */
export class IncrementalResult {
  #state: State = initial

  /** Adds a payload. One that is rejected leaves everything as it was. */
  merge(payload: JsonObject): Merged | Rejected {
    const next = new Merging(this.#state)
    const fault = next.payload(payload)
    if (fault !== undefined) return fault
    this.#state = next.state()
    return mergedOf(this.#state)
  }
}

const mergedOf = ({ data, errors, extensions, hasNext, pending }: State): Merged => ({
  result: {
    ...(data !== undefined && { data }),
    ...(errors.length > 0 && { errors }),
    ...(extensions !== undefined && { extensions })
  },
  pending: [...pending.values()],
  hasNext: hasNext === true
})
