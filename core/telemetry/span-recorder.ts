import { isSpanContextValid, ROOT_CONTEXT, SpanKind, trace, type SpanContext } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from "@opentelemetry/sdk-trace";
import type { Log } from "../log.ts";

/** A span that has already ended. */
export interface SpanRecord {
  /** W3C `traceparent` of its parent. */
  readonly traceparent: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes?: Readonly<Record<string, string | number>>;
}

export interface SpanRecorder {
  record(name: string, span: SpanRecord): string;
  close(): Promise<void>;
}

export interface SpanRecorderOptions {
  readonly instance: string;
  /** Base URL of an OTLP/HTTP collector. */
  readonly endpoint: string | undefined;
  readonly log: Log;
}

/** Spans that wait for a slow collector; more are dropped, a trace is not worth memory. */
const MAX_QUEUED_SPANS = 4_096;
const EXPORT_EVERY_MS = 1_000;
const EXPORT_TIMEOUT_MS = 5_000;
/** A collector that does not answer must not hold up a handover. */
const CLOSE_TIMEOUT_MS = 2_000;

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

export function createSpanRecorder(options: SpanRecorderOptions): SpanRecorder {
  if (options.endpoint === undefined)
    return { record: (_name, span) => span.traceparent, close: async () => {} };
  const url = `${options.endpoint.replace(/\/+$/, "")}/v1/traces`;
  return recorderTo(new OTLPTraceExporter({ url, timeoutMillis: EXPORT_TIMEOUT_MS }), options);
}

/** The same with any exporter. */
export function recorderTo(
  exporter: SpanExporter,
  { instance, log }: Omit<SpanRecorderOptions, "endpoint">,
): SpanRecorder {
  const processor = new BatchSpanProcessor({
    exporter,
    maxQueueSize: MAX_QUEUED_SPANS,
    scheduledDelayMillis: EXPORT_EVERY_MS,
    exportTimeoutMillis: EXPORT_TIMEOUT_MS,
  });
  const resource = resourceFromAttributes({
    "service.name": "lastcall-core",
    "service.instance.id": instance,
  });
  const provider = new TracerProvider({ resource, spanProcessors: [processor] });
  const tracer = provider.getTracer("lastcall");
  return {
    record(name, { traceparent, startMs, endMs, attributes }) {
      const parent = parentOf(traceparent);
      if (parent === undefined) return traceparent;
      // As dates: the SDK takes a number from before the process began for an offset on its own clock.
      const startTime = new Date(startMs);
      const options = { kind: SpanKind.INTERNAL, startTime, ...(attributes && { attributes }) };
      const span = tracer.startSpan(name, options, trace.setSpanContext(ROOT_CONTEXT, parent));
      span.end(new Date(Math.max(startMs, endMs)));
      return traceparentOf(span.spanContext());
    },
    async close() {
      const deadline = AbortSignal.timeout(CLOSE_TIMEOUT_MS);
      const expired = new Promise<void>((resolve) => deadline.addEventListener("abort", () => resolve()));
      await Promise.race([provider.shutdown(), expired]).catch((error: unknown) =>
        log.warn("spans were lost at the end", { error }),
      );
    },
  };
}

function parentOf(traceparent: string): SpanContext | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  const parent = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return isSpanContextValid(parent) ? parent : undefined;
}

function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
}
