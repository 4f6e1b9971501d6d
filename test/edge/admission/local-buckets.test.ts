import fc from "fast-check";
import { expect, test } from "vitest";
import { createLocalBuckets } from "../../../edge/admission/local-buckets.ts";
import { defaultPolicies, policiesFrom } from "../../../edge/admission/policies.ts";

test("a burst is allowed, then the rate", () => {
  const buckets = createLocalBuckets({ ratePerSecond: 10, burst: 2 });
  expect([0, 0, 0, 99, 100].map((now) => buckets.take("bob", now).allowed)).toEqual([
    true,
    true,
    false,
    false,
    true,
  ]);
  expect(buckets.take("bob", 100)).toEqual({ allowed: false, remaining: 0, retryAfterMs: 100 });
});

test("keys do not share a bucket", () => {
  const buckets = createLocalBuckets({ ratePerSecond: 1, burst: 1 });
  expect([buckets.take("bob", 0).allowed, buckets.take("ann", 0).allowed]).toEqual([true, true]);
});

test("no sequence of requests gets more than the burst and the rate allow", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50), { maxLength: 200 }), (pauses) => {
      const buckets = createLocalBuckets({ ratePerSecond: 100, burst: 5 });
      let now = 0;
      let allowed = 0;
      for (const pause of pauses) {
        now += pause;
        if (buckets.take("bob", now).allowed) allowed++;
      }
      expect(allowed).toBeLessThanOrEqual(5 + now / 10);
    }),
  );
});

test("what the environment says replaces single policies, and nonsense is refused", () => {
  const user = { ratePerSecond: 1, burst: 2 };
  expect(policiesFrom(JSON.stringify({ bid: { user } })).bid).toEqual({ ...defaultPolicies.bid, user });
  expect(() => policiesFrom('{"bids":{}}')).toThrow(/bids/);
});
