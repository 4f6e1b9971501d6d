/** Linear steps in each power of two: a percentile is at most 1/128 (0.8 %) above the true value. */
const STEPS_BITS = 7;
const STEPS = 1 << STEPS_BITS;

/** The largest latency that is told apart: 2^31 µs, 36 minutes. Longer ones count as that. */
const MAX_VALUE_US = 2 ** 31 - 1;

export interface Percentiles {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Latencies counted in log-linear buckets (as HdrHistogram does): constant memory, however many are recorded. */
export interface Histogram {
  record(latencyMs: number): void;
  readonly count: number;
  /** The latency that `share` (0..1) of the recorded ones do not exceed, in ms, rounded up to its bucket; NaN when empty. */
  percentileMs(share: number): number;
  summary(): Percentiles;
}

export function createHistogram(): Histogram {
  const counts = new Float64Array((32 - STEPS_BITS) * STEPS);
  let count = 0;
  let maxUs = 0;

  function percentileMs(share: number): number {
    if (count === 0) return Number.NaN;
    const rank = Math.max(1, Math.ceil(share * count));
    let seen = 0;
    for (const [bucket, inBucket] of counts.entries()) {
      seen += inBucket;
      if (seen >= rank) return Math.min(upperBoundUs(bucket), maxUs) / 1_000;
    }
    return maxUs / 1_000;
  }

  return {
    record(latencyMs) {
      const us = Math.min(Math.max(0, Math.round(latencyMs * 1_000)), MAX_VALUE_US);
      const bucket = bucketOf(us);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
      count++;
      if (us > maxUs) maxUs = us;
    },
    get count() {
      return count;
    },
    percentileMs,
    summary: () => ({
      p50Ms: percentileMs(0.5),
      p99Ms: percentileMs(0.99),
      maxMs: count === 0 ? Number.NaN : maxUs / 1_000,
    }),
  };
}

function bucketOf(us: number): number {
  if (us < STEPS) return us;
  const octave = 31 - Math.clz32(us) - STEPS_BITS;
  return (octave << STEPS_BITS) + (us >> octave);
}

function upperBoundUs(bucket: number): number {
  if (bucket < 2 * STEPS) return bucket;
  const octave = (bucket >> STEPS_BITS) - 1;
  return ((bucket & (STEPS - 1)) + STEPS + 1) * 2 ** octave - 1;
}
