import fc from "fast-check";
import { expect, test } from "vitest";
import { incrementAt, nextBidAbove } from "../../../core/auction/increment.ts";
import { PROPERTY_RUNS, PROPERTY_TIMEOUT_MS } from "../../support/property-runs.ts";

const MAX = Number.MAX_SAFE_INTEGER;

test("one number is the step of every price", () => {
  expect([1, 1_000, MAX].map((price) => incrementAt(25, price))).toEqual([25, 25, 25]);
});

test("a tier begins exactly at its `from`", () => {
  const tiers = [
    { from: 0, step: 5 },
    { from: 100, step: 10 },
  ];
  expect([1, 99, 100, 101].map((price) => incrementAt(tiers, price))).toEqual([5, 5, 10, 10]);
});

test("a step may fall from one tier to the next", () => {
  const falling = [
    { from: 0, step: 50 },
    { from: 100, step: 1 },
  ];
  expect([99, 100].map((price) => nextBidAbove(falling, price))).toEqual([149, 101]);
});

test("eBay's table of the time gives eBay's steps on both sides of each of its borders", () => {
  const ebay = [
    [0, 5],
    [100, 25],
    [500, 50],
    [2_500, 100],
    [10_000, 250],
    [25_000, 500],
    [50_000, 1_000],
    [100_000, 2_500],
    [250_000, 5_000],
    [500_000, 10_000],
  ] as const;
  const tiers = ebay.map(([from, step]) => ({ from, step }));
  for (const [i, [from, step]] of ebay.entries()) {
    expect(incrementAt(tiers, from)).toBe(step);
    if (i > 0) expect(incrementAt(tiers, from - 1)).toBe(ebay[i - 1]?.[1]);
  }
});

test(
  "the next bid is exact, higher than the price, and absent only where no safe integer is enough",
  { timeout: PROPERTY_TIMEOUT_MS },
  () => {
    const amount = fc.oneof(
      fc.integer({ min: 1, max: MAX }),
      fc.integer({ min: 0, max: 100 }).map((below) => MAX - below),
    );
    fc.assert(
      fc.property(amount, amount, (price, step) => {
        const exact = BigInt(price) + BigInt(step);
        const next = nextBidAbove(step, price);
        expect(next === null ? null : BigInt(next)).toBe(exact > BigInt(MAX) ? null : exact);
      }),
      { numRuns: PROPERTY_RUNS },
    );
  },
);
