/** Arbitrary GraphQL responses, and what could be taken for one. */
import type { ExecutionResult } from "@fiberline/core/Message"
import * as fc from "fast-check"
import { graphqlError, jsonObject } from "./frames.js"

const errors = fc.array(graphqlError, { minLength: 1, maxLength: 3 })

/** A well-formed GraphQL response: data, or errors, or both. */
export const graphqlResponse: fc.Arbitrary<ExecutionResult> = fc.oneof(
  fc.record(
    {
      data: fc.option(
        jsonObject.map((data) => ({ ...data })),
        { nil: null }
      ),
      errors,
      extensions: jsonObject
    },
    { requiredKeys: ["data"] }
  ),
  fc.record({ errors, extensions: jsonObject }, { requiredKeys: ["errors"] })
)

/** Bodies that are no GraphQL response, with the reason why and what is said of it. */
export const malformed = [
  ["", "NotJson", "an empty body"],
  ["<html></html>", "NotJson", "text that is not JSON"],
  [`{"data":{}`, "NotJson", "text that is not JSON"],
  ["null", "NotAnObject", "a response must be an object, but is null"],
  [`"data"`, "NotAnObject", "a response must be an object, but is a string"],
  [`[{"data":{}}]`, "NotAnObject", "a response must be an object, but is an array"],
  ["{}", "InvalidField", `a response must have "data" or "errors", but has neither`],
  [
    `{"message":"no such page"}`,
    "InvalidField",
    `a response must have "data" or "errors", but has neither`
  ],
  [`{"errors":[]}`, "InvalidField", `a response must have "data" or "errors", but has neither`],
  [`{"errors":null}`, "InvalidField", `a response must have "data" or "errors", but has neither`],
  [`{"data":[]}`, "InvalidField", `"data" must be an object or null, but is an array`],
  [`{"data":"x"}`, "InvalidField", `"data" must be an object or null, but is a string`],
  [
    `{"errors":"x"}`,
    "InvalidField",
    `"errors" must be an array of GraphQL errors, but is a string`
  ],
  [
    `{"errors":["x"]}`,
    "InvalidField",
    `"errors" must be an array of GraphQL errors, but is an array`
  ],
  [
    `{"errors":[{"message":"x"},{"message":1}]}`,
    "InvalidField",
    `"errors" must be an array of GraphQL errors, but is an array`
  ],
  [
    `{"data":{},"errors":{"message":"x"}}`,
    "InvalidField",
    `"errors" must be an array of GraphQL errors, but is an object`
  ],
  [`{"data":{},"extensions":1}`, "InvalidField", `"extensions" must be an object, but is a number`],
  [
    `{"_tag":"Answer","result":{}}`,
    "InvalidField",
    `a response must have "data" or "errors", but has neither`
  ]
] as const
