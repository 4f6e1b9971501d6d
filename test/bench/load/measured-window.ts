import { setTimeout as sleep } from "node:timers/promises";

/** The seconds that count: after the warm-up (JIT, caches, connections), before the drain. In ms of `performance.now()`. */
export interface MeasuredWindow {
  readonly startMs: number;
  readonly endMs: number;
}

/** A window that begins after a warm-up from now. */
export function windowFromNow(seconds: { warmUpSeconds: number; measureSeconds: number }): MeasuredWindow {
  const startMs = performance.now() + seconds.warmUpSeconds * 1_000;
  return { startMs, endMs: startMs + seconds.measureSeconds * 1_000 };
}

export const contains = (window: MeasuredWindow, atMs: number): boolean =>
  atMs >= window.startMs && atMs < window.endMs;

export const secondsOf = (window: MeasuredWindow): number => (window.endMs - window.startMs) / 1_000;

const DRAIN_POLL_MS = 20;

/** Waits until nothing is outstanding any more, or `seconds` have passed. */
export async function drained(outstanding: () => number, seconds: number): Promise<void> {
  const deadlineMs = performance.now() + seconds * 1_000;
  while (outstanding() > 0 && performance.now() < deadlineMs) await sleep(DRAIN_POLL_MS);
}
