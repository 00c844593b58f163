/**
 * The server decides what is in a text; it must not decide what a terminal does. The form is that of
 * JSON, which stays the same JSON.
 */
export const printable = (text: string): string =>
  text.replace(
    /[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
  )
