/** How a payload of incremental delivery is merged, or why it cannot be. */
import type { GraphQLFormattedError } from "graphql"
import type { Pending } from "../IncrementalDelivery.js"
import type { JsonObject, Rejected } from "../Message.js"
import { Draft, isList, type Path } from "./draft.js"
import { invalidField, isObject, rejected } from "./json.js"
import { invalidResult, isErrors, isExecutionResult } from "./result.js"

export interface State {
  readonly data: unknown
  readonly errors: ReadonlyArray<GraphQLFormattedError>
  readonly extensions: JsonObject | undefined
  /** By what `keyOf` makes of each. */
  readonly pending: ReadonlyMap<string, Pending>
  /** `undefined` before the first payload. */
  readonly hasNext: boolean | undefined
}

export const initial: State = {
  data: undefined,
  errors: [],
  extensions: undefined,
  pending: new Map(),
  hasNext: undefined
}

/** What is wrong with a payload, if anything is. */
type Fault = Rejected | undefined

/** One payload on its way into the state, which it leaves as it was. */
export class Merging {
  readonly #before: State
  #draft: Draft
  #errors: ReadonlyArray<GraphQLFormattedError>
  #extensions: JsonObject | undefined
  readonly #pending: Map<string, Pending>
  #hasNext: boolean | undefined

  constructor(before: State) {
    this.#before = before
    this.#draft = new Draft(before.data)
    this.#errors = before.errors
    this.#extensions = before.extensions
    this.#pending = new Map(before.pending)
    this.#hasNext = before.hasNext
  }

  state(): State {
    // What was announced and did not come by the end will not come.
    if (this.#hasNext === false) this.#pending.clear()
    return {
      data: this.#draft.data,
      errors: this.#errors,
      extensions: this.#extensions,
      pending: this.#pending,
      hasNext: this.#hasNext
    }
  }

  payload(payload: JsonObject): Fault {
    const { completed, hasNext, incremental, pending } = payload
    if (hasNext != null && typeof hasNext !== "boolean") {
      return invalidField("hasNext", "a boolean", hasNext)
    }
    if (this.#before.hasNext === false) {
      return rejected("InvalidField", `there is a payload after one whose "hasNext" is false`)
    }
    // The first one without says that the server took no notice of the directives. A later one without
    // says nothing, such as a heartbeat.
    this.#hasNext = hasNext ?? this.#before.hasNext ?? false
    return (
      // Announced first: a payload may refer to what it announces.
      this.#each("pending", pending, (entry) => this.#announced(entry)) ??
      this.#topLevel(payload) ??
      this.#each("incremental", incremental, (entry) => this.#piece(entry, "incremental.")) ??
      this.#each("completed", completed, (entry) => this.#completed(entry))
    )
  }

  #topLevel(payload: JsonObject): Fault {
    if (payload.path != null) return this.#piece(payload, "")
    if (this.#before.hasNext !== undefined) {
      return payload.data != null
        ? invalidField("path", "a path", payload.path)
        : this.#annotated(payload, "")
    }
    if (!isExecutionResult(payload)) return invalidResult(payload)
    this.#draft = new Draft(payload.data)
    return this.#annotated(payload, "")
  }

  #announced({ id, label, path }: JsonObject): Fault {
    if (id != null && !isId(id)) return invalidField("pending.id", "a non-empty string", id)
    if (!isPath(path)) return invalidField("pending.path", "a path", path)
    if (!isLabel(label)) return invalidField("pending.label", "a string", label)
    const pending: Pending = { id: id ?? undefined, path, label: label ?? undefined }
    const key = keyOf(pending)
    if (this.#pending.has(key)) return rejected("InvalidField", `"pending" has what is pending`)
    this.#pending.set(key, pending)
    return undefined
  }

  #completed(entry: JsonObject): Fault {
    const { id, label, path } = entry
    if (id != null && !isId(id)) return invalidField("completed.id", "a non-empty string", id)
    if (id == null && !isPath(path)) return invalidField("completed.path", "a path", path)
    if (!isLabel(label)) return invalidField("completed.label", "a string", label)
    const key = keyOf({ id: id ?? undefined, path: isPath(path) ? path : [], label })
    if (!this.#pending.delete(key))
      return rejected("InvalidField", `"completed" has what is not pending`)
    return this.#annotated(entry, "completed.")
  }

  /** `within` says where the piece stands. */
  #piece(entry: JsonObject, within: string): Fault {
    const { data, id, items, label, path, subPath } = entry
    if (!isLabel(label)) return invalidField(`${within}label`, "a string", label)
    if (items != null && !isList(items)) return invalidField(`${within}items`, "an array", items)
    let fault: Fault
    if (id != null) {
      if (!isId(id)) return invalidField(`${within}id`, "a non-empty string", id)
      if (subPath != null && !isPath(subPath)) {
        return invalidField(`${within}subPath`, "a path", subPath)
      }
      const pending = this.#pending.get(keyOf({ id, path: [], label: undefined }))
      if (pending === undefined) {
        return rejected("InvalidField", `"${within}id" is of nothing that is pending`)
      }
      const target = [...pending.path, ...(subPath ?? [])]
      fault = items == null ? this.#data(target, data, within) : this.#items(target, items, within)
    } else {
      if (!isPath(path)) return invalidField(`${within}path`, "a path", path)
      fault =
        items == null ? this.#dataOrItem(path, data, within) : this.#itemsFrom(path, items, within)
    }
    return fault ?? this.#annotated(entry, within)
  }

  #data(path: Path, data: unknown, within: string): Fault {
    // A fragment that failed: `errors` say why, and what is there stays.
    if (data == null) return undefined
    if (!isObject(data)) return invalidField(`${within}data`, "an object or null", data)
    const target = this.#draft.at(path)
    if (target === undefined || isList(target)) return nowhere(within)
    this.#draft.merge(target, data)
    return undefined
  }

  /** In the oldest format, the next item of a list comes as `data` too. */
  #dataOrItem(path: Path, data: unknown, within: string): Fault {
    const index = path.at(-1)
    if (data === undefined || typeof index !== "number") return this.#data(path, data, within)
    const list = this.#draft.at(path.slice(0, -1))
    if (!isList(list) || index !== list.length) return this.#data(path, data, within)
    list.push(data)
    return undefined
  }

  #items(path: Path, items: ReadonlyArray<unknown>, within: string): Fault {
    const list = this.#draft.at(path)
    if (!isList(list)) return nowhere(within)
    for (const item of items) list.push(item)
    return undefined
  }

  /** The last of the path is the index, in the whole list, of the first item. */
  #itemsFrom(path: Path, items: ReadonlyArray<unknown>, within: string): Fault {
    const index = path.at(-1)
    if (typeof index !== "number") return this.#items(path, items, within)
    const list = this.#draft.at(path.slice(0, -1))
    if (!isList(list) || index > list.length) return nowhere(within)
    items.forEach((item, at) => this.#draft.put(list, index + at, item))
    return undefined
  }

  /** The errors and extensions that a payload or a part of it has. */
  #annotated({ errors, extensions }: JsonObject, within: string): Fault {
    if (errors != null && !isErrors(errors)) {
      return invalidField(`${within}errors`, "an array of GraphQL errors", errors)
    }
    if (extensions != null && !isObject(extensions)) {
      return invalidField(`${within}extensions`, "an object", extensions)
    }
    if (errors != null && errors.length > 0) this.#errors = [...this.#errors, ...errors]
    if (extensions != null) this.#extensions = { ...this.#extensions, ...extensions }
    return undefined
  }

  #each(field: string, entries: unknown, read: (entry: JsonObject) => Fault): Fault {
    if (entries == null) return undefined
    if (!isList(entries)) return invalidField(field, "an array", entries)
    for (const entry of entries) {
      const fault = isObject(entry) ? read(entry) : invalidField(`${field}[]`, "an object", entry)
      if (fault !== undefined) return fault
    }
    return undefined
  }
}

const nowhere = (within: string): Rejected =>
  rejected("InvalidField", `"${within}path" leads nowhere in the data`)

const keyOf = ({
  id,
  label,
  path
}: {
  readonly id: string | undefined
  readonly path: Path
  readonly label: string | null | undefined
}): string => JSON.stringify(id ?? [path, label ?? null])

const isId = (value: unknown): value is string => typeof value === "string" && value !== ""

const isLabel = (value: unknown): value is string | null | undefined =>
  value == null || typeof value === "string"

const isPath = (value: unknown): value is Path =>
  Array.isArray(value) &&
  value.every((key) => typeof key === "string" || (Number.isInteger(key) && key >= 0))
