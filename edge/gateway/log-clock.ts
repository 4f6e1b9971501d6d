/**
 * Estimates the log's clock from what the log has said: the time of the latest result, and how long ago it came.
 * Until the first result it is this machine's own clock, which is only ever shown, never decided by.
 */
export interface LogClock {
  observe(at: number): void;
  now(): number;
}

export function createLogClock(machineNow: () => number): LogClock {
  /** Log minus machine. A result spends time underway, so the largest difference seen is the nearest to the truth. */
  let offset = 0;
  let observed = false;
  let observedAt = 0;
  /** Machine clocks are stepped now and then; an old maximum must not outlive that. */
  const FORGET_AFTER_MS = 60_000;
  return {
    observe(at) {
      const machine = machineNow();
      const seen = at - machine;
      if (observed && seen < offset && machine - observedAt < FORGET_AFTER_MS) return;
      observed = true;
      offset = seen;
      observedAt = machine;
    },
    now: () => Math.round(machineNow() + offset),
  };
}
