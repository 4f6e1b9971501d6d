import { expect } from "vitest";

/**
 * A fraction of what a stalled part costs whoever waits for it, which is seconds. Below it, twice of a few milliseconds is
 * noise on a machine that also runs the load and all servers; the figures themselves are printed.
 */
const FLOOR_MS = 400;

export interface Latencies {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export function latenciesOf(samplesMs: readonly number[]): Latencies {
  const sorted = [...samplesMs].sort((a, b) => a - b);
  const at = (share: number): number =>
    Math.round((sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN) * 10) / 10;
  return { count: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99) };
}

/** Healthy clients do not notice: their p99 stays within twice of before, or below a floor. */
export function expectUnimpressed(
  what: string,
  { before, during }: Record<"before" | "during", Latencies>,
): void {
  report(what, { before, during });
  expect(before.count).toBeGreaterThan(0);
  expect(during.count).toBeGreaterThan(0);
  expect(during.p99Ms).toBeLessThanOrEqual(Math.max(2 * before.p99Ms, FLOOR_MS));
}

export function report(what: string, figures: object): void {
  process.stderr.write(`back-pressure: ${what}: ${JSON.stringify(figures)}\n`);
}
