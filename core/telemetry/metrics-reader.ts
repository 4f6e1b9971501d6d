import type { Meter } from "@opentelemetry/api";
import { PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { AggregationTemporality, MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";

/** The meter to make instruments on, and what they have recorded as Prometheus text. */
export interface MetricsReader {
  readonly meter: Meter;
  text(): Promise<string>;
  close(): Promise<void>;
}

/** Reads when it is asked: the status server does so on each scrape. A class because the SDK wants a subclass. */
class PullReader extends MetricReader {
  constructor() {
    super({ aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE });
  }
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }
  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

export function createMetricsReader(instance: string): MetricsReader {
  const reader = new PullReader();
  const resource = resourceFromAttributes({
    "service.name": "lastcall-core",
    "service.instance.id": instance,
  });
  const provider = new MeterProvider({ resource, readers: [reader] });
  // Without scope labels: they would repeat the same constant on every line.
  const serializer = new PrometheusSerializer(undefined, false, undefined, false, true);
  return {
    meter: provider.getMeter("lastcall"),
    async text() {
      const { resourceMetrics, errors } = await reader.collect();
      const [error] = errors;
      if (error !== undefined) throw new Error("an instrument could not be read", { cause: error });
      // The exporter depends on a copy of the SDK of its own; the types are the same, the enums' identities are not.
      // oxlint-disable-next-line typescript/no-unsafe-enum-assignment
      return serializer.serialize(resourceMetrics);
    },
    close: () => provider.shutdown(),
  };
}
