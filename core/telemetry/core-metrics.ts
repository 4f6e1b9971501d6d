import type { Counter, Gauge, Histogram, Meter, UpDownCounter } from "@opentelemetry/api";

/**
 * What the core counts and times. Record per batch, never per bid: each call builds and hashes its attributes.
 * The names below are what dashboards and alerts read, with the unit last, as Prometheus wants them.
 */
export interface CoreMetrics {
  /** By kind and outcome, e.g. bid accepted. */
  readonly decidedCommands: Counter<{ kind: string; outcome: string }>;
  readonly committedEnvelopes: Counter<{ shard: number }>;
  /** Seconds that one group commit took. */
  readonly commitDuration: Histogram<{ shard: number }>;
  /** Envelopes in one group commit. */
  readonly commitEnvelopes: Histogram<{ shard: number }>;
  /** Seconds from the stream's timestamp until the commit returned. */
  readonly logToCommit: Histogram;
  readonly publishedResults: Counter;
  /** Envelopes that are decided and not yet committed: `add(+n)` when decided, `add(-n)` when committed or dropped. */
  readonly pendingEnvelopes: UpDownCounter;
  readonly ownedSlots: Gauge;
  readonly haltedSlots: Gauge;
  readonly fencedCommits: Counter;
  readonly deadLetters: Counter;
  readonly publishedTicks: Counter;
  /** Order events that the stream has taken. */
  readonly dispatchedEvents: Counter;
  /** Attempts to deliver an order event to an endpoint: taken, to be tried again, or given up with it. */
  readonly webhookAttempts: Counter<{ outcome: "delivered" | "failed" | "dead" }>;
  /** Deliveries of this instance's slots that endpoints do not have yet, and since when the oldest waits. */
  readonly webhookWaiting: Gauge<{ shard: number }>;
  readonly webhookOldest: Gauge<{ shard: number }>;
  /** What part of its `max_bytes` a stream of commands has taken, 0 to 1. */
  readonly streamFill: Gauge<{ stream: string }>;
  readonly cachedAuctions: Gauge;
  /** Seconds that the answer to one query took. `outcome`: ok, invalid_query or unavailable. */
  readonly queries: Histogram<{ kind: string; outcome: string }>;
  /** Auctions written to the read model. */
  readonly readModelWrites: Counter;
  /** Flushes that failed, and auctions that were dropped because too many waited. */
  readonly readModelErrors: Counter<{ reason: "flush" | "overflow" }>;
}

/** 1 ms (one batch on a quiet machine) to 10 s (a takeover and its backlog). */
const LATENCY_BUCKETS_SECONDS = [
  0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.5, 1, 2, 5, 10,
];

/** A commit takes what has gathered while the one before was in flight. */
const BATCH_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000];

/** Every instrument of the core, made on `meter`; with the API's no-op meter nothing is recorded. */
export function createCoreMetrics(meter: Meter): CoreMetrics {
  const latency = { unit: "s", advice: { explicitBucketBoundaries: LATENCY_BUCKETS_SECONDS } };
  const metrics: CoreMetrics = {
    decidedCommands: meter.createCounter("lastcall_decided_commands_total", {
      description: "Commands decided",
    }),
    committedEnvelopes: meter.createCounter("lastcall_committed_envelopes_total", {
      description: "Envelopes committed",
    }),
    commitDuration: meter.createHistogram("lastcall_commit_duration_seconds", {
      description: "Group commit",
      ...latency,
    }),
    commitEnvelopes: meter.createHistogram("lastcall_commit_envelopes", {
      description: "Envelopes in one group commit",
      advice: { explicitBucketBoundaries: BATCH_BUCKETS },
    }),
    logToCommit: meter.createHistogram("lastcall_log_to_commit_seconds", {
      description: "From the stream's timestamp until the commit returned",
      ...latency,
    }),
    publishedResults: meter.createCounter("lastcall_published_results_total", {
      description: "Results published",
    }),
    pendingEnvelopes: meter.createUpDownCounter("lastcall_pending_envelopes", {
      description: "Decided, not yet committed",
    }),
    ownedSlots: meter.createGauge("lastcall_owned_slots", {
      description: "Slots that this instance sequences",
    }),
    haltedSlots: meter.createGauge("lastcall_halted_slots", {
      description: "Slots out of service until an operator acts",
    }),
    fencedCommits: meter.createCounter("lastcall_fenced_commits_total", {
      description: "Slots lost during a commit",
    }),
    deadLetters: meter.createCounter("lastcall_dead_letters_total", {
      description: "Messages parked as dead letters",
    }),
    dispatchedEvents: meter.createCounter("lastcall_dispatched_events_total", {
      description: "Order events handed to NATS",
    }),
    webhookAttempts: meter.createCounter("lastcall_webhook_attempts_total", {
      description: "Attempts to deliver an order event to an endpoint",
    }),
    webhookWaiting: meter.createGauge("lastcall_webhook_waiting", {
      description: "Deliveries that endpoints do not have yet",
    }),
    webhookOldest: meter.createGauge("lastcall_webhook_oldest_seconds", {
      description: "Age of the oldest waiting delivery",
      unit: "s",
    }),
    publishedTicks: meter.createCounter("lastcall_published_ticks_total", {
      description: "Tick commands appended",
    }),
    streamFill: meter.createGauge("lastcall_stream_fill_ratio", {
      description: "Part of its bytes that a stream of commands has taken; at 1 it refuses",
    }),
    cachedAuctions: meter.createGauge("lastcall_cached_auctions", { description: "Auctions held in memory" }),
    queries: meter.createHistogram("lastcall_query_duration_seconds", {
      description: "Query answered",
      ...latency,
    }),
    readModelWrites: meter.createCounter("lastcall_read_model_writes_total", {
      description: "Auctions written to Redis",
    }),
    readModelErrors: meter.createCounter("lastcall_read_model_errors_total", {
      description: "Read model writes that failed",
    }),
  };
  startAtZero(metrics);
  observeMemory(meter);
  return metrics;
}

/** A series that appears only with its first failure hides that failure from `rate()`. */
function startAtZero(metrics: CoreMetrics): void {
  for (const counter of [
    metrics.publishedResults,
    metrics.fencedCommits,
    metrics.deadLetters,
    metrics.publishedTicks,
    metrics.dispatchedEvents,
  ]) {
    counter.add(0);
  }
  metrics.pendingEnvelopes.add(0);
  metrics.readModelWrites.add(0);
  metrics.readModelErrors.add(0, { reason: "flush" });
  metrics.readModelErrors.add(0, { reason: "overflow" });
  for (const outcome of ["delivered", "failed", "dead"] as const) metrics.webhookAttempts.add(0, { outcome });
  for (const gauge of [metrics.ownedSlots, metrics.haltedSlots, metrics.cachedAuctions]) gauge.record(0);
}

function observeMemory(meter: Meter): void {
  meter
    .createObservableGauge("process_resident_memory_bytes", { description: "Resident set size", unit: "By" })
    .addCallback((result) => result.observe(process.memoryUsage.rss()));
}
