import type { JsonObject } from "@fiberline/core/Message"

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)
