import type { BucketPolicy } from "./policies.ts";
import { forgetOldest } from "../forget-oldest.ts";

/** Keys that one isolate remembers. A forgotten key starts full again, so an attacker gains one burst by making us forget. */
const MAX_KEYS = 20_000;

export interface Take {
  allowed: boolean;
  /** Whole tokens left. */
  remaining: number;
  /** Until the next token, when refused. */
  retryAfterMs: number;
}

export interface LocalBuckets {
  take(key: string, nowMs: number): Take;
}

/** Token buckets of this isolate alone: the cheapest gate, and the fallback when Redis does not answer. */
export function createLocalBuckets(policy: BucketPolicy): LocalBuckets {
  const buckets = new Map<string, { tokens: number; at: number }>();
  const perMs = policy.ratePerSecond / 1_000;
  return {
    take(key, nowMs) {
      let bucket = buckets.get(key);
      if (bucket === undefined) {
        forgetOldest(buckets, MAX_KEYS);
        bucket = { tokens: policy.burst, at: nowMs };
        buckets.set(key, bucket);
      } else if (nowMs > bucket.at) {
        bucket.tokens = Math.min(policy.burst, bucket.tokens + (nowMs - bucket.at) * perMs);
        bucket.at = nowMs;
      }
      if (bucket.tokens < 1)
        return { allowed: false, remaining: 0, retryAfterMs: Math.ceil((1 - bucket.tokens) / perMs) };
      bucket.tokens -= 1;
      return { allowed: true, remaining: Math.floor(bucket.tokens), retryAfterMs: 0 };
    },
  };
}
