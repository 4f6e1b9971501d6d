import fc from "fast-check";
import { expect, test } from "vitest";
import { createHistogram } from "./histogram.ts";

test("a percentile is never below the true one and at most 0.8 % above it", () => {
  const latencies = fc.array(fc.integer({ min: 0, max: 120_000_000 }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(latencies, fc.constantFrom(0.5, 0.9, 0.99, 1), (valuesUs, share) => {
      const histogram = createHistogram();
      for (const us of valuesUs) histogram.record(us / 1_000);
      const sorted = valuesUs.toSorted((a, b) => a - b);
      const exactMs = (sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? 0) / 1_000;
      const measuredMs = histogram.percentileMs(share);
      expect(measuredMs).toBeGreaterThanOrEqual(exactMs);
      expect(measuredMs).toBeLessThanOrEqual(exactMs * (1 + 1 / 128) + 0.001);
    }),
  );
});

test("an empty histogram has no percentiles", () => {
  expect(createHistogram().summary()).toEqual({ p50Ms: Number.NaN, p99Ms: Number.NaN, maxMs: Number.NaN });
});

test("one slow outcome in a thousand shows in the maximum and not in the 99th percentile", () => {
  const histogram = createHistogram();
  for (let i = 0; i < 999; i++) histogram.record(2);
  histogram.record(500);
  expect(histogram.summary()).toMatchObject({ maxMs: 500 });
  expect(histogram.percentileMs(0.99)).toBeLessThan(2.1);
});
