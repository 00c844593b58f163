/** How the results of a subscription stand in the body of a response. */
import { EventStream, type ServerSentEvent } from "@fiberline/core/EventStream"
import * as GraphQLSse from "@fiberline/core/GraphQLSse"
import * as IncrementalDelivery from "@fiberline/core/IncrementalDelivery"
import type { Complete, Next, OperationFailed, Rejected } from "@fiberline/core/Message"
import {
  boundaryOf,
  type Malformed,
  MultipartMixed,
  type Part
} from "@fiberline/core/MultipartMixed"
import * as MultipartSubscription from "@fiberline/core/MultipartSubscription"

export interface Format {
  readonly accept: string
  /** A reader for a response of this type; `undefined` if it is of another. */
  readonly reader: (contentType: string, maxSize: number) => Reader | undefined
}

/** What a part of a body says, and how it said it. */
export interface Said {
  readonly message: Next | Complete | OperationFailed | Rejected
  readonly text: string
}

export interface Reader {
  /** What these bytes complete. */
  readonly push: (chunk: Uint8Array) => ReadonlyArray<Said>
  /** Whether something in it was larger than it may be; nothing more is read then. */
  readonly isTooLarge: boolean
}

/** Server-Sent Events, for one operation. */
export const distinctEvents = (id: string): Format => ({
  accept: GraphQLSse.accept,
  reader: eventReader((event) => GraphQLSse.decodeDistinct(id, event))
})

/** Parts of a multipart response, for one subscription. */
export const parts = (id: string): Format => ({
  accept: MultipartSubscription.accept,
  reader: partReader(id, (part) => MultipartSubscription.decode(id, part))
})

/** The pieces of one result. */
export const increments = (id: string): Format => ({
  accept: IncrementalDelivery.accept,
  reader: partReader(id, (part) => IncrementalDelivery.decodePart(id, part))
})

function partReader(
  id: string,
  decode: (part: Part) => Said["message"] | MultipartSubscription.Heartbeat
): Format["reader"] {
  return (contentType, maxSize) => {
    const boundary = boundaryOf(contentType)
    if (boundary === undefined) return undefined
    const parser = new MultipartMixed(boundary, maxSize)
    return {
      push: (chunk) => {
        const parts = parser.push(chunk)
        const said = ("_tag" in parts ? [] : parts).flatMap((part): ReadonlyArray<Said> => {
          const message = decode(part)
          return message._tag === "Heartbeat" ? [] : [{ message, text: part.body }]
        })
        if (parser.isTooLarge) return said
        if (parser.malformed) return [...said, { message: malformed(parser.malformed), text: "" }]
        // The closing boundary is an end like any other.
        return parser.isClosed ? [...said, { message: { _tag: "Complete", id }, text: "" }] : said
      },
      get isTooLarge() {
        return parser.isTooLarge
      }
    }
  }
}

const malformed = ({ detail }: Malformed): Rejected => ({
  _tag: "Rejected",
  reason: "InvalidPart",
  detail
})

/** Server-Sent Events, for all operations of a reservation. */
export const singleEvents: Format = {
  accept: GraphQLSse.accept,
  reader: eventReader(GraphQLSse.decodeSingle)
}

function eventReader(
  decode: (event: ServerSentEvent) => Said["message"] | GraphQLSse.Ignored
): Format["reader"] {
  return (contentType, maxSize) => {
    if (!/^text\/event-stream\b/i.test(contentType.trim())) return undefined
    const events = new EventStream(maxSize)
    const decoder = new TextDecoder()
    return {
      push: (chunk) =>
        events.push(decoder.decode(chunk, { stream: true })).flatMap((event) => {
          const message = decode(event)
          return message._tag === "Ignored" ? [] : [{ message, text: event.data }]
        }),
      get isTooLarge() {
        return events.isTooLarge
      }
    }
  }
}
