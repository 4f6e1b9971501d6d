import type { Log } from "./log.ts";
import { type CoreMetrics, createCoreMetrics } from "./telemetry/core-metrics.ts";
import { createMetricsReader } from "./telemetry/metrics-reader.ts";
import { type SpanRecord, createSpanRecorder } from "./telemetry/span-recorder.ts";
import { type Health, startStatusServer } from "./telemetry/status-server.ts";

export type { CoreMetrics } from "./telemetry/core-metrics.ts";

export interface TelemetryOptions {
  readonly instance: string;
  /** 0 picks a free one. */
  readonly metricsPort: number;
  /** Base URL of an OTLP/HTTP collector; without one no span is recorded. */
  readonly otlpEndpoint: string | undefined;
  readonly log: Log;
  readonly health: () => Health;
}

export interface Telemetry {
  /** Where `/metrics`, `/healthz` and `/readyz` are. */
  readonly url: string;
  readonly metrics: CoreMetrics;
  /**
   * Records a span that has already ended, as a child of a remote W3C parent, and returns its own `traceparent`, so
   * that children can be chained. Without a collector, or with a malformed parent, returns the parent unchanged.
   */
  recordSpan(name: string, span: SpanRecord): string;
  /** Sends the spans that wait (within a deadline) and closes the server. Repeats are free. */
  close(): Promise<void>;
}

export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const { instance, log } = options;
  const reader = createMetricsReader(instance);
  const spans = createSpanRecorder({ instance, endpoint: options.otlpEndpoint, log });
  const metrics = createCoreMetrics(reader.meter);
  const server = await startStatusServer({
    port: options.metricsPort,
    health: options.health,
    metrics: reader.text,
    log,
  });
  const close = async (): Promise<void> => {
    await Promise.all([server.close(), spans.close()]);
    await reader.close();
  };
  let closing: Promise<void> | undefined;
  return { url: server.url, metrics, recordSpan: spans.record, close: () => (closing ??= close()) };
}
