/** Colours for those who see them, and nothing for everybody else. */
const codes = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  magenta: [35, 39],
  cyan: [36, 39]
} as const

export type Style = keyof typeof codes

export type Paint = (style: Style, text: string) => string

export const paint =
  (colours: boolean): Paint =>
  (style, text) => {
    const [begin, end] = codes[style]
    return colours ? `\u001b[${begin}m${text}\u001b[${end}m` : text
  }
