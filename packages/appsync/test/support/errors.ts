import { assert } from "@effect/vitest"
import { NetworkError, type NetworkErrorWith, type Reason } from "@fiberline/client/NetworkError"

/** Asserts that a value is a `NetworkError` for this reason, and gives it back as one. */
export const networkError = <Tag extends Reason["_tag"]>(
  value: unknown,
  tag: Tag
): NetworkErrorWith<Extract<Reason, { readonly _tag: Tag }>> => {
  assert.instanceOf(value, NetworkError, String(value))
  assert.strictEqual(value.reason._tag, tag)
  // Type boundary: the tag was just compared.
  return value as NetworkErrorWith<Extract<Reason, { readonly _tag: Tag }>>
}
