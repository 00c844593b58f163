/**
 * One of the servers, in a process of its own: `serverProcess.js <module> <port> <options>`. It says over
 * its channel when it is ready, and does not outlive who started it.
 */
import type { Options, Start } from "./servers/server.js"

const [module, port, options] = process.argv.slice(2)

process.on("disconnect", () => process.exit())

// Type boundary: what every module in servers/ exports, and what child.ts gave.
const { start } = (await import(`./servers/${module}.js`)) as { readonly start: Start }
await start(Number(port), JSON.parse(options ?? "") as Options)
process.send?.("ready")
