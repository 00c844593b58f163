/** graphql-upload's middleware, for either version of express: its own has the types of one. */
import { processRequest } from "graphql-upload-minimal"
import type { IncomingMessage, ServerResponse } from "node:http"

export const uploads = (
  request: IncomingMessage & { body?: unknown },
  response: ServerResponse,
  next: (error?: unknown) => void
): void => {
  if (!request.headers["content-type"]?.startsWith("multipart/form-data")) return next()
  processRequest(request, response).then((body) => {
    request.body = body
    next()
  }, next)
}
