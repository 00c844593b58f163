/** Lines over two logarithmic axes, as SVG that is read on light and dark pages. */

export interface Line {
  readonly label: string
  readonly points: ReadonlyArray<{ readonly x: number; readonly y: number }>
}

export interface Plot {
  readonly title: string
  readonly across: string
  readonly up: string
  readonly lines: ReadonlyArray<Line>
}

const [width, height] = [720, 400]
const area = { left: 70, right: 190, top: 36, bottom: 50 }
const colours = ["#888888", "#d1495b", "#edae49", "#2e86ab", "#66a182", "#8d5a97"]

/** Powers of ten, and what lies between as 2 and 5, that cover the values. */
const ticksOver = (values: ReadonlyArray<number>): ReadonlyArray<number> => {
  const [min, max] = [Math.min(...values), Math.max(...values)]
  const ticks = Array.from(
    { length: 40 },
    (_, i) => 10 ** Math.floor(i / 3 - 4) * ([1, 2, 5][i % 3] ?? 1)
  )
  const above = ticks.findIndex((tick) => tick > min)
  const to = ticks.findIndex((tick) => tick >= max)
  return ticks.slice(Math.max(0, above - 1), to < 0 ? undefined : to + 1)
}

const scale = (ticks: ReadonlyArray<number>, from: number, to: number) => {
  const [low, high] = [Math.log(ticks[0] ?? 1), Math.log(ticks.at(-1) ?? 10)]
  const span = high - low || 1
  return (value: number): number =>
    Math.round(10 * (from + ((Math.log(value) - low) / span) * (to - from))) / 10
}

const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")

const text = (x: number, y: number, content: string, more = ""): string =>
  `<text x="${x}" y="${y}" ${more}>${escape(content)}</text>`

export const plot = ({ across, lines, title, up }: Plot): string => {
  const points = lines.flatMap((line) => line.points)
  const xTicks = ticksOver(points.map(({ x }) => x))
  const yTicks = ticksOver(points.map(({ y }) => y))
  const x = scale(xTicks, area.left, width - area.right)
  const y = scale(yTicks, height - area.bottom, area.top)
  const bottom = height - area.bottom
  const right = width - area.right
  const grid = [
    ...xTicks.map((tick) => `<path d="M${x(tick)} ${area.top}V${bottom}"/>`),
    ...yTicks.map((tick) => `<path d="M${area.left} ${y(tick)}H${right}"/>`)
  ]
  const labels = [
    ...xTicks.map((tick) =>
      text(x(tick), bottom + 16, tick.toLocaleString("en-US"), 'text-anchor="middle"')
    ),
    ...yTicks.map((tick) =>
      text(area.left - 6, y(tick) + 4, tick.toLocaleString("en-US"), 'text-anchor="end"')
    )
  ]
  const drawn = lines.flatMap(({ label, points }, i) => {
    const colour = colours[i % colours.length] ?? "#888888"
    const path = points.map((point) => `${x(point.x)},${y(point.y)}`).join(" ")
    return [
      `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      ...points.map(
        (point) => `<circle cx="${x(point.x)}" cy="${y(point.y)}" r="3" fill="${colour}"/>`
      ),
      `<circle cx="${right + 16}" cy="${area.top + 20 * i}" r="5" fill="${colour}"/>`,
      text(right + 28, area.top + 20 * i + 4, label)
    ]
  })
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#808080">`,
    `<title>${escape(title)}</title>`,
    `<g stroke="#808080" stroke-opacity="0.25">${grid.join("")}</g>`,
    ...labels,
    text((area.left + right) / 2, height - 10, across, 'text-anchor="middle"'),
    text(area.left, 20, up),
    ...drawn,
    "</svg>"
  ].join("\n")}\n`
}
