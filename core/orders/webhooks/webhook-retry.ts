export interface RetryPolicy {
  /** After so many attempts a delivery is dead. */
  readonly attempts: number;
  /** From the first failure to the second attempt. */
  readonly firstBackoffMs: number;
}

/** What came of one attempt: an answer's status, or null where none came, and why it counts as a failure. */
export interface FailedAttempt {
  readonly status: number | null;
  readonly retryAfter: string | undefined;
  /** This attempt included. */
  readonly attempts: number;
}

export type Verdict = { readonly dead: true } | { readonly dead: false; readonly retryAtMs: number };

/** 5 s, 15 s, 45 s, … : a restart is bridged in seconds, and twelve attempts reach into the next day. */
const FACTOR = 3;

/** The longest that a receiver waits once it is back, and the longest that its own `Retry-After` can make us wait. */
export const MAX_BACKOFF_MS = 6 * 3_600_000;

/** Each pause is longer or shorter by up to a fifth, so that what failed together does not come back together. */
const JITTER = 0.2;

/** The receiver says that it wants no such message any more; trying again would be rude. */
const GONE = 410;

/** What becomes of a delivery that failed. `random` is from [0, 1). */
export function afterFailure(
  policy: RetryPolicy,
  failed: FailedAttempt,
  { nowMs, random }: { nowMs: number; random: number },
): Verdict {
  if (failed.status === GONE || failed.attempts >= policy.attempts) return { dead: true };
  const pause = Math.min(policy.firstBackoffMs * FACTOR ** (failed.attempts - 1), MAX_BACKOFF_MS);
  const jittered = pause * (1 - JITTER + 2 * JITTER * random);
  const asked = Math.min(retryAfterMs(failed.retryAfter, nowMs), MAX_BACKOFF_MS);
  return { dead: false, retryAtMs: nowMs + Math.round(Math.max(jittered, asked)) };
}

/** Seconds, or a date; 0 for anything else. A receiver can make us wait longer than we would, never shorter. */
function retryAfterMs(header: string | undefined, nowMs: number): number {
  if (header === undefined) return 0;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? 0 : Math.max(0, atMs - nowMs);
}
