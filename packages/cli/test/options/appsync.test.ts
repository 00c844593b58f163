import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { captureIn } from "../support/capture.js"

const at = "https://abc.appsync-api.eu-west-1.amazonaws.com/graphql"
const signing = { AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "hunter22" }

/** That it is refused before anything is sent. */
const complaint = (env: { readonly [name: string]: string }, ...args: ReadonlyArray<string>) =>
  Effect.map(captureIn({ env }, ...args), ({ err, exitCode }) => {
    assert.strictEqual(exitCode, 2, err.join("\n"))
    assert.notInclude(err.join("\n"), "hunter22")
    return err.join("\n")
  })

const query = (...more: ReadonlyArray<string>) => ["query", at, "{ a }", ...more]
const appsync = ["--transport", "appsync"]

describe("who asks AppSync", () => {
  it.live("has to be said, by one thing", () =>
    Effect.gen(function* () {
      assert.include(
        yield* complaint({}, ...query(...appsync)),
        "AppSync needs --api-key, --jwt, or AWS_"
      )
      assert.include(
        yield* complaint({}, ...query(...appsync, "--api-key", "hunter22", "--jwt", "hunter22")),
        "--api-key and --jwt are one too many"
      )
      const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = signing
      assert.include(
        yield* complaint({ AWS_ACCESS_KEY_ID }, ...query(...appsync)),
        "AWS_SECRET_ACCESS_KEY is not in the environment"
      )
      assert.include(
        yield* complaint({ AWS_SECRET_ACCESS_KEY }, ...query(...appsync)),
        "AWS_ACCESS_KEY_ID is not in the environment"
      )
    })
  )

  it.live("is nobody else's concern", () =>
    Effect.gen(function* () {
      for (const option of ["--api-key", "--jwt"]) {
        for (const transport of [[], ["--transport", "ws"], ["--transport", "phoenix"]]) {
          assert.include(
            yield* complaint({}, ...query(option, "hunter22", ...transport)),
            `${option} needs --transport appsync`
          )
        }
        assert.include(
          yield* complaint({}, "doctor", at, option, "hunter22"),
          `${option} needs --transport appsync`
        )
      }
    })
  )

  it.live("is a line of a file, or of the environment", () =>
    Effect.gen(function* () {
      const key = (value: string) => query(...appsync, "--api-key", value)
      assert.include(yield* complaint({}, ...key("${KEY}")), "--api-key names KEY, which is not")
      assert.include(
        yield* complaint({ KEY: "hunter22\n2" }, ...key("${KEY}")),
        "--api-key must be a line of ASCII"
      )
      assert.include(
        yield* complaint({}, ...key("@/nowhere")),
        "the file that --api-key names cannot be read"
      )
    })
  )

  it.live("signs for a region, of the environment or of the endpoint's name", () =>
    Effect.gen(function* () {
      const own = ["query", "https://api.example.com/graphql", "{ a }", ...appsync]
      assert.include(yield* complaint(signing, ...own), "AWS_REGION is not in the environment")
      // Known, by each of the three: what it complains of then is something else.
      const documentless = (...args: ReadonlyArray<string>) =>
        args.map((arg) => (arg === "{ a }" ? "subscription { a }" : arg))
      for (const [env, args] of [
        [{ ...signing, AWS_REGION: "eu-west-1" }, own],
        [{ ...signing, AWS_DEFAULT_REGION: "eu-west-1" }, own],
        [signing, query(...appsync)]
      ] as const) {
        assert.notInclude(yield* complaint(env, ...documentless(...args)), "AWS_")
      }
    })
  )

  it.live("asks at the address for queries, and begins with no payload or header", () =>
    Effect.gen(function* () {
      const options = [...appsync, "--api-key", "hunter22"]
      assert.include(
        yield* complaint({}, "query", at.replace("https:", "wss:"), "{ a }", ...options),
        "the one for queries, https:"
      )
      assert.include(
        yield* complaint({}, ...query(...options, "--payload", "{}")),
        "AppSync takes no --payload"
      )
      const header = ["-H", "a: b"]
      assert.include(
        yield* complaint({}, "subscribe", at, "subscription { a }", ...options, ...header),
        "AppSync's WebSocket takes no --header"
      )
      assert.include(yield* complaint({}, "doctor", at, ...options, ...header), "takes no --header")
    })
  )
})
