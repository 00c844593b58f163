/** Queries and mutations: a POST each, with the credentials that a connection gives. */
import { execute, OperationTypeNode } from "graphql"
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http"
import { text } from "node:stream/consumers"
import { type Options, path } from "../server.js"
import { isServed, unauthorized } from "./credentials.js"
import { headersOf } from "./handshake.js"
import { read } from "./request.js"

export const listener =
  (options: Options): RequestListener =>
  (request, response) =>
    void answer(options, request, response).catch(() => response.destroy())

const type = "application/json;charset=UTF-8"

const answer = async (options: Options, request: IncomingMessage, response: ServerResponse) => {
  const body = await text(request)
  const respond = (status: number, result: unknown) =>
    response.writeHead(status, { "content-type": type }).end(JSON.stringify(result))
  const refuse = (status: number, errorType: string, message: string) => {
    // Amplify looks at nothing else.
    response.setHeader("x-amzn-errortype", errorType)
    respond(status, { errors: [{ errorType, message }] })
  }

  if (request.method !== "POST" || request.url !== path) {
    return refuse(404, "NotFoundException", "There is nothing but a POST on /graphql.")
  }
  if (!(await isServed(options, headersOf(request.headers) ?? {}, { path, body }))) {
    return refuse(401, unauthorized, "You are not authorized to make this call.")
  }
  const runnable = read(body)
  if (runnable === undefined) return refuse(400, "MalformedHttpRequestException", "No request.")
  if (!("args" in runnable)) return respond(200, { data: null, errors: runnable })
  if (runnable.operation === OperationTypeNode.SUBSCRIPTION) {
    return refuse(400, "UnsupportedOperation", "Subscriptions are for the realtime channel.")
  }
  return respond(200, await execute(runnable.args))
}
