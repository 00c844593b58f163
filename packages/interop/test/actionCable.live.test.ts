/** Our own server, as others see it: what it says to them must be what Rails says. */
import { describe } from "@effect/vitest"
import { speaksActionCable } from "./cable.js"

describe("Action Cable on ws", () => speaksActionCable("actionCable"))
