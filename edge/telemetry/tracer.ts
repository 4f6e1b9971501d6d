import type { Env } from "../env.ts";

/** Of the requests that nobody asked to trace, this part is traced. */
const DEFAULT_SAMPLE_RATIO = 0.01;

export interface Span {
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  name: string;
  startMs: number;
  /** `traceparent` for whatever this span causes. */
  traceparent: string;
}

export interface Tracer {
  /** A span for a request, or undefined when it is not sampled. */
  start(name: string, traceparent: string | null): Span | undefined;
  end(span: Span, attributes: Record<string, string | number>): Promise<void>;
}

interface TracerDeps {
  ratio: number;
  endpoint: string | undefined;
  now(): number;
  random(): number;
  post(url: string, body: string): Promise<unknown>;
}

/**
 * Server spans of the edge, exported as OTLP/HTTP JSON. A span processor with timers does not fit a Worker, whose
 * timers end with the request: each sampled request sends its own span after its response.
 */
export function tracerWith(deps: TracerDeps): Tracer {
  return {
    start(name, traceparent) {
      const parent = parseTraceparent(traceparent);
      if (parent !== undefined ? !parent.sampled : deps.random() >= deps.ratio) return undefined;
      const traceId = parent?.traceId ?? randomHex(16);
      const spanId = randomHex(8);
      return {
        traceId,
        spanId,
        parentSpanId: parent?.spanId,
        name,
        startMs: deps.now(),
        traceparent: `00-${traceId}-${spanId}-01`,
      };
    },
    async end(span, attributes) {
      if (deps.endpoint === undefined) return;
      try {
        await deps.post(`${deps.endpoint}/v1/traces`, JSON.stringify(otlp(span, deps.now(), attributes)));
      } catch {
        // A trace that the collector does not take is lost, and the request is none the worse.
      }
    },
  };
}

export function createTracer(env: Env): Tracer {
  const ratio = Number(env.TRACE_SAMPLE_RATIO ?? DEFAULT_SAMPLE_RATIO);
  return tracerWith({
    ratio: Number.isFinite(ratio) ? ratio : DEFAULT_SAMPLE_RATIO,
    endpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT?.replace(/\/$/, "") || undefined,
    now: Date.now,
    random: Math.random,
    post: (url, body) =>
      fetch(url, { method: "POST", body, headers: { "content-type": "application/json" } }),
  });
}

/** W3C Trace Context, version 00. */
function parseTraceparent(
  text: string | null,
): { traceId: string; spanId: string; sampled: boolean } | undefined {
  const match = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(text ?? "");
  if (match === null) return undefined;
  const [, traceId = "", spanId = "", flags = "00"] = match;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

function randomHex(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

/** The kind of a span that serves a request. */
const SERVER = 2;

function otlp(span: Span, endMs: number, attributes: Record<string, string | number>): object {
  const entry = {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId === undefined ? {} : { parentSpanId: span.parentSpanId }),
    name: span.name,
    kind: SERVER,
    startTimeUnixNano: `${span.startMs}000000`,
    endTimeUnixNano: `${endMs}000000`,
    attributes: Object.entries(attributes).map(([key, value]) => ({
      key,
      value: typeof value === "number" ? { intValue: String(value) } : { stringValue: value },
    })),
  };
  const resource = { attributes: [{ key: "service.name", value: { stringValue: "lastcall-edge" } }] };
  return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: "lastcall" }, spans: [entry] }] }] };
}
