/**
 * Rails' Action Cable and graphql-ruby on puma, as Debian packages them: `ruby/config.ru`, which is all
 * there is of an application, and which also answers queries by POST. It ends with its standard input.
 */
import { spawn } from "node:child_process"
import { setTimeout as delay } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { packaged } from "../versions.js"
import { credentials, host, path, type Start } from "./server.js"

/** Without those that they only recommend, some 40 MB. */
export const packages: ReadonlyArray<string> = ["puma", "ruby-actioncable", "ruby-graphql"]

export const isInstalled = (): boolean => packages.every((name) => packaged(name) !== "")

const application = fileURLToPath(new URL("../../ruby/config.ru", import.meta.url))

export const start: Start = async (port, { auth }) => {
  const puma = spawn(
    "puma",
    ["-q", "-e", "production", "-b", `tcp://${host}:${port}`, application],
    {
      env: {
        ...process.env,
        FIBERLINE_AUTH: String(auth),
        FIBERLINE_CREDENTIALS: credentials
      },
      stdio: ["pipe", "ignore", "inherit"]
    }
  )
  puma.once("error", ({ message }) => {
    console.error(message)
    process.exit(1)
  })
  puma.once("exit", () => process.exit(1))

  const isReady = () =>
    fetch(`http://${host}:${port}${path}`).then(
      () => true,
      () => false
    )
  while (!(await isReady())) await delay(50)
}
