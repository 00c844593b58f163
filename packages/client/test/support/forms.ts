import type { TestRequest } from "@fiberline/testing/TestHttpServer"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

/** What a server reads of a form, in its order. */
export interface ReadForm {
  readonly names: ReadonlyArray<string>
  readonly operations: unknown
  readonly map: unknown
  readonly files: ReadonlyArray<ReadFile>
}

export interface ReadFile {
  readonly name: string
  readonly type: string
  readonly text: string
}

const toForm = async (form: FormData): Promise<ReadForm> => {
  const files = Array.from(form.values()).filter((value): value is File => value instanceof File)
  return {
    names: Array.from(form.keys()),
    operations: JSON.parse(String(form.get("operations"))),
    map: JSON.parse(String(form.get("map"))),
    files: await Promise.all(
      files.map(async (file) => ({ name: file.name, type: file.type, text: await file.text() }))
    )
  }
}

/** The body of a request, read by the runtime's own reader of forms. */
export const readForm = (body: BodyInit, contentType?: string): Promise<ReadForm> =>
  new Response(body, contentType === undefined ? {} : { headers: { "content-type": contentType } })
    .formData()
    .then(toForm)

/** The bytes of a streamed body: as the network takes them, one chunk after another. */
export const chunksOf = ({ request }: TestRequest): Stream.Stream<Uint8Array, unknown> =>
  request.body._tag === "Stream" ? request.body.stream : Stream.die("the body is no stream")

/** The form of a request, streamed or not. */
export const formOf = ({ request }: TestRequest): Effect.Effect<ReadForm, unknown> => {
  const { body } = request
  if (body._tag === "FormData") return Effect.promise(() => toForm(body.formData))
  if (body._tag !== "Stream") return Effect.dieMessage(`the body is ${body._tag}`)
  return Effect.flatMap(Stream.runCollect(body.stream), (chunks) =>
    Effect.promise(() =>
      readForm(Buffer.concat(Array.from(Chunk.toReadonlyArray(chunks))), body.contentType)
    )
  )
}
