import type { BucketPolicy } from "./policies.ts";
import { forgetOldest } from "../forget-oldest.ts";

/** One bucket that a request draws from. */
export interface BucketUse {
  kind: "user" | "ip" | "auction";
  key: string;
  policy: BucketPolicy;
}

export interface Draw {
  use: BucketUse;
  need: number;
  want: number;
}

/** `fallback`: the global bucket did not answer in time, so only the local ones have judged. */
export type DrawResult =
  | { granted: number[] }
  | { refused: BucketUse["kind"]; retryAfterMs: number }
  | { fallback: true };

export type Verdict = { allowed: true } | { allowed: false; bucket: BucketUse["kind"]; retryAfterMs: number };

/** A lease not used up by then is forgotten; its bucket has long been filled again by the clock. */
const LEASE_FOR_MS = 10_000;
/** Of a bucket's burst one lease takes this part, so that several isolates can hold one of the same bucket. */
const LEASE_PART = 1 / 8;
/** Longer than any draw's deadline. */
const FETCH_FOR_MS = 1_000;
/** Leases that one isolate holds. Forgetting one only costs a call. */
const MAX_LEASES = 20_000;

export interface Leases {
  /** Takes a token from every bucket if all are leased here: no call. */
  takeLocally(uses: BucketUse[], nowMs: number): boolean;
  /** Takes what is missing from the global bucket, and a lease with it. */
  take(uses: BucketUse[], nowMs: number, draw: (draws: Draw[]) => Promise<DrawResult>): Promise<Verdict>;
}

export function createLeases(): Leases {
  const leases = new Map<string, { tokens: number; until: number }>();
  /** Buckets that a lease is being fetched from: who comes meanwhile asks for one token only. */
  const fetching = new Map<string, number>();
  /** A request that was cut off never reports back. */
  const isFetching = (key: string, nowMs: number): boolean =>
    nowMs - (fetching.get(key) ?? Number.NEGATIVE_INFINITY) < FETCH_FOR_MS;

  const held = (use: BucketUse, nowMs: number): number => {
    const lease = leases.get(use.key);
    return lease === undefined || lease.until <= nowMs ? 0 : lease.tokens;
  };

  const takeLocally = (uses: BucketUse[], nowMs: number): boolean => {
    for (const use of uses) if (held(use, nowMs) < 1) return false;
    for (const use of uses) (leases.get(use.key) as { tokens: number }).tokens -= 1;
    return true;
  };

  const add = (use: BucketUse, tokens: number, nowMs: number): void => {
    const left = held(use, nowMs);
    leases.delete(use.key);
    forgetOldest(leases, MAX_LEASES);
    leases.set(use.key, { tokens: left + tokens, until: nowMs + LEASE_FOR_MS });
  };

  return {
    takeLocally,
    async take(uses, nowMs, draw) {
      const draws = uses.map((use) => {
        const short = held(use, nowMs) < 1;
        if (!short || isFetching(use.key, nowMs)) return { use, need: short ? 1 : 0, want: short ? 1 : 0 };
        return { use, need: 1, want: Math.max(1, Math.floor(use.policy.burst * LEASE_PART)) };
      });
      const leased = draws.filter(({ want }) => want > 1).map(({ use }) => use.key);
      for (const key of leased) fetching.set(key, nowMs);
      const result = await draw(draws);
      for (const key of leased) fetching.delete(key);
      if ("fallback" in result) return { allowed: true };
      if ("refused" in result)
        return { allowed: false, bucket: result.refused, retryAfterMs: result.retryAfterMs };
      draws.forEach((each, i) => {
        const granted = result.granted[i] ?? 0;
        if (granted > 0) add(each.use, granted, nowMs);
      });
      // Another request may have used up a lease that this one relied on; it was held when this one was judged.
      takeLocally(uses, nowMs);
      return { allowed: true };
    },
  };
}
