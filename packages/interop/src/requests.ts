/** What a request over HTTP can be besides a document in the body of a POST. */
import * as Upload from "@fiberline/client/Upload"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import type { Check } from "./checks.js"
import * as Client from "./client.js"
import { isOperationError } from "./errors.js"
import * as Operations from "./operations.js"
import { tell, unexpected, within } from "./outcome.js"
import { recorded, type Sent } from "./recorder.js"
import { failCode } from "./schema.js"

const greeted = (name: string) => ({ variables: { name } })

/** A query that is asked for by its parameters. */
export const getQuery: Check = ({ server, transport }) =>
  recorded((sent) =>
    Effect.gen(function* () {
      const client = yield* Client.make(transport, server.port, {
        method: "GET",
        reconnect: false
      })
      const { hello } = yield* client.query(Operations.Hello, greeted("Ada & Bob"))
      if (hello !== "Hello, Ada & Bob!") return yield* unexpected("Hello, Ada & Bob!", hello)
      if (sent.map(({ method }) => method).join() !== "GET") {
        return yield* unexpected("a GET", sent)
      }
      return "the result, by a GET"
    })
  )

/** Once sent in full, it is known by its hash: to everybody, and by GET too. */
export const persistedQuery: Check = ({ server, transport }) =>
  recorded((sent) =>
    Effect.gen(function* () {
      for (const method of ["POST", "GET"] as const) {
        const client = yield* Client.make(transport, server.port, {
          method,
          persistedQueries: true,
          reconnect: false
        })
        for (const name of ["Ada", "Bob"]) {
          const { hello } = yield* client.query(Operations.Hello, greeted(name))
          if (hello !== `Hello, ${name}!`) return yield* unexpected(`Hello, ${name}!`, hello)
        }
      }
      const how = sent.map((request) => `${request.method} ${nameOf(request)}`).join(", ")
      const wanted = "POST hash, POST hash and text, POST hash, GET hash, GET hash"
      if (how !== wanted) return yield* unexpected(wanted, how)
      return how
    })
  )

const nameOf = ({ asked }: Sent): string => {
  const hasHash =
    Predicate.hasProperty(asked, "extensions") &&
    Predicate.hasProperty(asked.extensions, "persistedQuery")
  const hasText = Predicate.hasProperty(asked, "query")
  return [...(hasHash ? ["hash"] : []), ...(hasText ? ["text"] : [])].join(" and ")
}

/** Of several in one request, each has what is its own. */
export const batching: Check = ({ server, transport }) =>
  recorded((sent) =>
    Effect.gen(function* () {
      const client = yield* Client.make(transport, server.port, {
        batch: { interval: "50 millis" },
        reconnect: false
      })
      const [ada, failed, bob] = yield* Effect.all(
        [
          client.query(Operations.Hello, greeted("Ada")),
          Effect.exit(client.query(Operations.Fails)),
          client.query(Operations.Hello, greeted("Bob"))
        ],
        { concurrency: "unbounded" }
      ).pipe(within("10 seconds", "three answers"))
      const hellos = [ada.hello, bob.hello].join()
      if (hellos !== "Hello, Ada!,Hello, Bob!") return yield* unexpected("both greetings", hellos)
      const isIt = isOperationError(failed, ({ errors }) =>
        errors.some(({ extensions }) => extensions?.["code"] === failCode)
      )
      if (!isIt) {
        return yield* unexpected(`an OperationError with the code ${failCode}`, tell(failed))
      }
      const [request, ...others] = sent
      if (others.length > 0 || !Array.isArray(request?.asked) || request.asked.length !== 3) {
        return yield* unexpected("one request with three queries", sent)
      }
      return "two results and an error, by one request"
    })
  )

/** A file that is there, and one that is read while it is sent. */
export const upload: Check = ({ server, transport }) =>
  Effect.gen(function* () {
    const client = yield* Client.make(transport, server.port, { reconnect: false })
    const words = Stream.make("Dear ", "Ada,\n", "…")
    const files = [
      new File(["Dear Ada,\n…"], "letter.txt", { type: "text/plain" }),
      Upload.make(Stream.encodeText(words), { filename: "letter.txt", contentType: "text/plain" })
    ]
    for (const file of files) {
      const { receive } = yield* client
        .mutate(Operations.Receive, { variables: { file } })
        .pipe(within("10 seconds", "what the file holds"))
      const wanted = "letter.txt: Dear Ada,\n…"
      if (receive !== wanted) return yield* unexpected(wanted, receive)
    }
    return "a file, and a stream"
  })
