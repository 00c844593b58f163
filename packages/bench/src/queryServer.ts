/**
 * The server of queries: `node:http` and nothing else. It looks at the request just as far as a client
 * has to be told apart from one that mixes up its answers.
 */
import { Buffer } from "node:buffer"
import type { RequestListener } from "node:http"
import { payload } from "./frames.js"
import type { QueryVariables } from "./queryAdapter.js"
import { first } from "./ticks.js"

export const answerQuery: RequestListener = (request, response) => {
  const parts: Array<Buffer> = []
  request.on("data", (part: Buffer) => parts.push(part))
  request.on("end", () => {
    if (request.method !== "POST") return response.writeHead(405).end()
    // Type boundary: only this benchmark's clients talk to this server.
    const { variables } = JSON.parse(Buffer.concat(parts).toString()) as {
      readonly variables: QueryVariables
    }
    const body = Buffer.from(bodyFor(variables))
    response.writeHead(200, {
      "content-type": "application/graphql-response+json; charset=utf-8",
      "content-length": body.length
    })
    return response.end(body)
  })
}

/** As many bytes as are asked for, with the key as the number of its tick. */
const bodyFor = ({ bytes, key }: QueryVariables): string => {
  let template = templates.get(bytes)
  if (template === undefined) templates.set(bytes, (template = payload(bytes)))
  return template.replace(String(first), String(first + key))
}

const templates = new Map<number, string>()
