/** What happened and when, for a person to read: rendering only. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Util from "node:util"
import { Output } from "../output.js"

/** What kind of thing happened, which decides its mark and colour. */
export type Kind = "note" | "event" | "silence" | "gap" | "failure" | "good" | "bad"

type Style = "bold" | "cyan" | "dim" | "green" | "red" | "yellow"

const marks: { readonly [K in Kind]: readonly [mark: string, style: Style] } = {
  note: ["·", "dim"],
  event: ["←", "cyan"],
  silence: ["✂", "yellow"],
  gap: ["↷", "yellow"],
  failure: ["!", "red"],
  good: ["✓", "green"],
  bad: ["✗", "red"]
}

export class Timeline extends Context.Tag("@fiberline/cli/demo/Timeline")<
  Timeline,
  {
    /** A headline, and what the reader should know before it begins. */
    readonly headline: (title: string, ...about: ReadonlyArray<string>) => Effect.Effect<void>
    /** Something that happened just now, and what more there is to say about it. */
    readonly tell: (kind: Kind, what: string, ...more: ReadonlyArray<string>) => Effect.Effect<void>
    /** Rows in columns, the first of them their headings. `false` marks a row as bad. */
    readonly table: (
      headings: ReadonlyArray<string>,
      rows: ReadonlyArray<readonly [good: boolean, ...cells: ReadonlyArray<string>]>
    ) => Effect.Effect<void>
  }
>() {}

/** Says nothing, for whoever reads JSON instead. */
export const silent: Layer.Layer<Timeline> = Layer.succeed(Timeline, {
  headline: () => Effect.void,
  tell: () => Effect.void,
  table: () => Effect.void
})

/** The time stamps count from when the layer is built. */
export const text: Layer.Layer<Timeline, never, Output> = Layer.effect(
  Timeline,
  Effect.map(Output, ({ colours, out }) => {
    const start = performance.now()
    const paint = (style: Style, text: string) =>
      // Whether there is anybody to see colours is for the output to say.
      colours && canPaint ? Util.styleText(style, text, { validateStream: false }) : text
    const lines = (all: ReadonlyArray<string>) => Effect.forEach(all, out, { discard: true })
    let needsGap = false

    return {
      headline: (title, ...about) =>
        Effect.suspend(() => {
          const gap = needsGap ? [""] : []
          needsGap = false
          return lines([
            ...gap,
            paint("bold", title),
            ...about.map((line) => paint("dim", line)),
            ""
          ])
        }),

      tell: (kind, what, ...more) => {
        const [mark, style] = marks[kind]
        return Effect.suspend(() => {
          needsGap = true
          const stamp = seconds(performance.now() - start)
          return lines([
            `${paint("dim", stamp)}  ${paint(style, mark)} ${kind === "note" ? paint("dim", what) : what}`,
            ...more.map((line) => `${" ".repeat(stamp.length + 4)}${line}`)
          ])
        })
      },

      table: (headings, rows) => {
        const widths = headings.map((heading, column) =>
          Math.max(heading.length, ...rows.map(([, ...cells]) => cells[column]?.length ?? 0))
        )
        const row = (cells: ReadonlyArray<string>) =>
          widths.map((width, column) => (cells[column] ?? "").padEnd(width)).join("   ")
        return lines([
          `  ${paint("dim", row(headings).trimEnd())}`,
          ...rows.map(([good, ...cells]) => {
            const [mark, style] = marks[good ? "good" : "bad"]
            return `${paint(style, mark)} ${row(cells)}`.trimEnd()
          })
        ])
      }
    }
  })
)

// Since Node 20.12.
const canPaint = typeof Util.styleText === "function"

const seconds = (millis: number): string => `${(millis / 1000).toFixed(3).padStart(8)} s`
