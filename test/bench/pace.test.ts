import { expect, test } from "vitest";
import { evenPace } from "./pace.ts";

const pace = evenPace({ startMs: 1_000, ratePerSecond: 2_000, seconds: 3 });

test("bids are due evenly from the start on", () => {
  expect([999.9, 1_000, 1_000.4, 1_000.5, 1_010].map((now) => pace.dueBy(now))).toEqual([0, 1, 1, 2, 21]);
});

test("after a stall everything missed is due at once, each with its own intended moment", () => {
  const sentBefore = pace.dueBy(1_100);
  const dueAfter = pace.dueBy(1_600);
  expect(dueAfter - sentBefore).toBe(1_000);
  expect(pace.intendedMs(sentBefore)).toBeCloseTo(1_100.5);
});

test("no more is ever due than the plan holds", () => {
  expect(pace.total).toBe(6_000);
  expect(pace.dueBy(1e9)).toBe(6_000);
});
