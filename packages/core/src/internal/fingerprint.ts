/**
 * A number that is the same for the same text: FNV-1a, 32 bits. For different texts it almost always differs,
 * which is as much as may be relied on.
 */
export const fingerprint = (text: string): number => {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return hash
}
