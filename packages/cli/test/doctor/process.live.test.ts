/** `fiberline doctor` as a process: what it writes where, and its exit code. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { spawn, spawnSync } from "node:child_process"
import { createRequire } from "node:module"
import { fileURLToPath } from "node:url"
import { beforeAll } from "vitest"
import type { Report } from "../../src/doctor/report.js"
import * as Servers from "./servers.js"

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))
const main = path("../../dist/main.js")

beforeAll(() => {
  // Nothing to do after `pnpm check`, which is what `npm test` begins with.
  const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc")
  const { status, stdout } = spawnSync(process.execPath, [
    tsc,
    "-b",
    path("../../tsconfig.src.json")
  ])
  assert.strictEqual(status, 0, String(stdout))
}, 60_000)

interface Ended {
  readonly exitCode: number | null
  readonly out: string
  readonly err: string
}

/** Runs to the end, or until the scope closes. */
const run = (command: string, args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const child = yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn(command, args, {
          stdio: ["ignore", "pipe", "pipe"],
          // Which whoever runs the tests may want without colours.
          env: { ...process.env, NO_COLOR: "", TERM: "xterm" }
        })
      ),
      (child) => Effect.sync(() => child.kill("SIGKILL"))
    )
    return yield* Effect.async<Ended>((resume) => {
      let out = ""
      let err = ""
      child.stdout.setEncoding("utf8").on("data", (text) => (out += text))
      child.stderr.setEncoding("utf8").on("data", (text) => (err += text))
      child.on("close", (exitCode) => resume(Effect.succeed({ exitCode, out, err })))
    })
  })

const doctor = (...args: ReadonlyArray<string>) => run(process.execPath, [main, "doctor", ...args])

const escape = String.fromCharCode(27)

describe.concurrent("fiberline doctor", () => {
  it.scopedLive("tells a person, and when piped only that", () =>
    Effect.gen(function* () {
      const { url } = yield* Servers.graphql()
      const { err, exitCode, out } = yield* doctor(url, "--listen", "1500ms")
      assert.strictEqual(exitCode, 0, out + err)
      assert.strictEqual(err, "")
      assert.notInclude(out, escape)
      for (const line of [
        /^✓ TCP +[\d.]+ ms {2}127\.0\.0\.1:\d+$/m,
        /^✓ Upgrade +[\d.]+ ms {2}101, graphql-transport-ws/m,
        /^✓ Round trip .* ping message .* max of 10$/m,
        /^✓ Server's pings .* ping frames \(one, after /m,
        /^– Idle +--idle-probe asks for it$/m,
        /^✓ Close .* close frame 1000 after/m,
        /^Healthy\.$/m,
        /^ {2}--keepalive 20s\/3s$/m
      ]) {
        assert.match(out, line)
      }
    })
  )

  it.scopedLive("tells a machine by one line of JSON, without what it was told in confidence", () =>
    Effect.gen(function* () {
      const { url } = yield* Servers.graphql({
        ackPayload: (request, params) => ({ echo: [request.headers.authorization, params] })
      })
      const { err, exitCode, out } = yield* doctor(
        ...[`${url}?key=hunter44`, "--json", "--listen", "200ms"],
        ...["-H", "Authorization: Bearer hunter22", "--payload", '{"key":"hunter33"}']
      )
      assert.strictEqual(exitCode, 0, err)
      // Of what every process can see it warns, without showing it to more.
      assert.match(err, /^! the header authorization can be seen by every process.*\n$/)
      assert.notInclude(err, "hunter")
      assert.lengthOf(out.split("\n"), 2)
      const report: Report = JSON.parse(out)
      assert.strictEqual(report.outcome, "healthy")
      assert.strictEqual(report.url, url)
      assert.notInclude(out, "hunter")
      assert.include(out, "<redacted>")
    })
  )

  it.scopedLive("exits with 3 for the network, 4 for a protocol, 2 for the command line", () =>
    Effect.gen(function* () {
      const { url } = yield* Effect.scoped(Servers.tcp(() => {}))
      const refused = yield* doctor(url)
      assert.strictEqual(refused.exitCode, 3)
      assert.include(refused.out, "ECONNREFUSED")
      assert.include(refused.out, "Not healthy: a network failure.")

      const mute = yield* Servers.webSocket(false, () => {})
      const protocol = yield* doctor(mute.url, "--json")
      assert.strictEqual(protocol.exitCode, 4)

      const usage = yield* doctor(url, "-H", "hunter22")
      assert.strictEqual(usage.exitCode, 2)
      assert.notInclude(usage.out + usage.err, "hunter22")
    })
  )

  // A terminal to be had without one: by script(1), which elsewhere takes other arguments.
  if (process.platform === "linux") {
    it.scopedLive("has colours and a spinner in a terminal, and leaves none", () =>
      Effect.gen(function* () {
        const { url } = yield* Servers.graphql()
        const command = `'${process.execPath}' '${main}' doctor ${url} --listen 1s`
        const { exitCode, out } = yield* run("script", ["-qefc", command, "/dev/null"])
        assert.strictEqual(exitCode, 0, out)
        assert.include(out, `${escape}[32m✓`)
        assert.match(out, /[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]\S* measuring the round trip, 20 s at most/)
        // The last of it was taken away.
        assert.isAbove(out.lastIndexOf(`\r${escape}[K`), out.lastIndexOf("at most"))
      })
    )
  }
})
