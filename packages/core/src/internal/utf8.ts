// Type boundary: no library of ECMAScript declares it, and every host there is has it.
declare const TextDecoder: {
  new (
    label: "utf-8",
    options: { readonly fatal: true; readonly ignoreBOM: true }
  ): { decode(bytes: Uint8Array): string }
}

let decoder: InstanceType<typeof TextDecoder> | undefined

/** The text that the bytes spell, or `undefined` if they are no UTF-8. */
export const decodeUtf8 = (bytes: Uint8Array): string | undefined => {
  // Not above: loading a module must have no effects, and fails where there is no such class.
  decoder ??= new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}
