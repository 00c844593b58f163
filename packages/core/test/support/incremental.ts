/** Results that come in pieces, in each of the formats that incremental delivery has. */
import type { JsonObject } from "@fiberline/core/Message"
import * as fc from "fast-check"
import { jsonObject } from "./frames.js"

type Path = ReadonlyArray<string | number>

/** A piece of a result, and the pieces that have to come before it. */
interface Piece {
  readonly path: Path
  readonly content:
    | { readonly data: JsonObject }
    | { readonly items: ReadonlyArray<unknown>; readonly index: number }
  readonly after: ReadonlyArray<Piece>
}

type Random = (below: number) => number

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Takes pieces out of a value, at random; what is left of it comes with `from`. */
class Splitting {
  readonly pieces: Array<Piece> = []

  constructor(readonly random: Random) {}

  split(value: unknown, path: Path, from: ReadonlyArray<Piece>): unknown {
    if (Array.isArray(value)) return this.#list(value, path, from)
    return isObject(value) ? this.object(value, path, from) : value
  }

  object(value: JsonObject, path: Path, from: ReadonlyArray<Piece>): JsonObject {
    const stays: Array<[string, unknown]> = []
    for (const [key, inner] of Object.entries(value)) {
      if (this.random(3) > 0) {
        stays.push([key, this.split(inner, [...path, key], from)])
        continue
      }
      const overlaps = isObject(inner) && this.random(2) === 0
      if (overlaps) {
        // The object is there, and the fragment around it brings the rest.
        stays.push([key, {}])
      }
      this.#piece(path, from, (piece) => ({
        data: Object.fromEntries([[key, this.split(inner, [...path, key], [piece])]])
      }))
    }
    return Object.fromEntries(stays)
  }

  #list(value: ReadonlyArray<unknown>, path: Path, from: ReadonlyArray<Piece>): unknown {
    const chunk = (start: number, end: number, from: ReadonlyArray<Piece>) =>
      value.slice(start, end).map((item, at) => this.split(item, [...path, start + at], from))
    let end = this.random(value.length + 1)
    const stays = chunk(0, end, from)
    let before = from
    while (end < value.length) {
      const start = end
      end += 1 + this.random(value.length - end)
      const piece = this.#piece(path, before, (piece) => ({
        items: chunk(start, end, [piece]),
        index: start
      }))
      before = [piece]
    }
    return stays
  }

  #piece(
    path: Path,
    after: ReadonlyArray<Piece>,
    content: (piece: Piece) => Piece["content"]
  ): Piece {
    const piece: { -readonly [K in keyof Piece]: Piece[K] } = { path, after, content: { data: {} } }
    this.pieces.push(piece)
    piece.content = content(piece)
    return piece
  }
}

/** The pieces in an order that is possible, some of them together. */
const grouped = (
  pieces: ReadonlyArray<Piece>,
  random: Random
): ReadonlyArray<ReadonlyArray<Piece>> => {
  const groups: Array<Array<Piece>> = []
  const done = new Set<Piece>()
  while (done.size < pieces.length) {
    const ready = pieces.filter(
      (piece) => !done.has(piece) && piece.after.every((earlier) => done.has(earlier))
    )
    const piece = ready[random(ready.length)]!
    done.add(piece)
    const last = groups.at(-1)
    if (last !== undefined && random(2) === 0) last.push(piece)
    else groups.push([piece])
  }
  return groups
}

type Encode = (group: ReadonlyArray<Piece>, random: Random) => ReadonlyArray<JsonObject>

let ids = 0

/** A group of pieces as payloads, but for their `hasNext`. */
const formats = {
  oldest: (group) =>
    group.flatMap(({ content, path }): ReadonlyArray<JsonObject> =>
      "data" in content
        ? [{ data: content.data, path, label: "L" }]
        : content.items.map((item, at) => ({ data: item, path: [...path, content.index + at] }))
    ),
  "deferSpec=20220824": (group) => [
    {
      incremental: group.map(({ content, path }) =>
        "data" in content
          ? { data: content.data, path, label: "L" }
          : { items: content.items, path: [...path, content.index] }
      )
    }
  ],
  "incrementalSpec=v0.2": (group, random) => {
    const named = group.map((piece) => ({
      ...piece,
      id: `${ids++}`,
      cut: random(piece.path.length + 1)
    }))
    return [
      {
        pending: named.map(({ cut, id, path }) => ({ id, path: path.slice(0, cut), label: "L" })),
        incremental: named.map(({ content, cut, id, path }) => ({
          id,
          subPath: path.slice(cut),
          ...("data" in content ? { data: content.data } : { items: content.items })
        })),
        completed: named.map(({ id }) => ({ id }))
      }
    ]
  }
} satisfies { readonly [format: string]: Encode }

export type Format = keyof typeof formats

export const allFormats: ReadonlyArray<Format> = [
  "oldest",
  "deferSpec=20220824",
  "incrementalSpec=v0.2"
]

export interface Delivery {
  readonly original: JsonObject
  readonly payloads: ReadonlyArray<JsonObject>
}

/** A result, and payloads that it comes in: each in one of the formats given. */
export const delivery = (...use: ReadonlyArray<Format>): fc.Arbitrary<Delivery> =>
  fc.tuple(jsonObject, fc.infiniteStream(fc.nat(0xffff))).map(([original, numbers]) => {
    const random: Random = (below) => (numbers.next().value ?? 0) % below
    const splitting = new Splitting(random)
    const data = splitting.object(original, [], [])
    const later = grouped(splitting.pieces, random).flatMap((group) =>
      formats[use[random(use.length)]!](group, random)
    )
    const payloads = [{ data }, ...later].map((payload, at) => ({
      ...payload,
      hasNext: at < later.length
    }))
    return { original, payloads }
  })

/** With everything in it, so that no change goes unnoticed. */
export const deepFreeze = <A>(value: A): A => {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(deepFreeze)
  }
  return value
}
