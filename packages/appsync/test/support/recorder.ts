import * as Tracer from "effect/Tracer"

/** A tracer that keeps its spans. */
export const recorder = () => {
  const spans: Array<Tracer.Span> = []
  const tracer = Tracer.make({
    span: (name, parent, context, links, startTime, kind) => {
      const attributes = new Map<string, unknown>()
      let status: Tracer.SpanStatus = { _tag: "Started", startTime }
      const span: Tracer.Span = {
        _tag: "Span",
        name,
        parent,
        context,
        links: [...links],
        kind,
        attributes,
        sampled: true,
        spanId: String(spans.length + 1).padStart(16, "0"),
        traceId: "1".padStart(32, "0"),
        get status() {
          return status
        },
        attribute: (key, value) => void attributes.set(key, value),
        event: () => {},
        addLinks: () => {},
        end: (endTime, exit) => {
          status = { _tag: "Ended", startTime, endTime, exit }
        }
      }
      spans.push(span)
      return span
    },
    context: (run) => run()
  })
  return { spans, tracer }
}
