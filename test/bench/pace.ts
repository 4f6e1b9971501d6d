/**
 * When an open-loop generator means to send: evenly, whatever the system under test does. Latency is counted from
 * the intended moment, so that a stall is charged to every bid that should have left during it (no coordinated omission).
 */
export interface Pace {
  /** How many sends are due at `nowMs`, from the first on. */
  dueBy(nowMs: number): number;
  intendedMs(index: number): number;
  readonly total: number;
}

export function evenPace(plan: { startMs: number; ratePerSecond: number; seconds: number }): Pace {
  const { startMs, ratePerSecond, seconds } = plan;
  const total = Math.floor(ratePerSecond * seconds);
  const intervalMs = 1_000 / ratePerSecond;
  return {
    total,
    dueBy: (nowMs) => Math.min(total, nowMs < startMs ? 0 : Math.floor((nowMs - startMs) / intervalMs) + 1),
    intendedMs: (index) => startMs + index * intervalMs,
  };
}
