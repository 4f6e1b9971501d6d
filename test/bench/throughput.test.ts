import { expect, test } from "vitest";
import { throughputOf } from "./throughput.ts";

test("the rate counts from the first progress to the end, and leaves out what was done before it was seen", () => {
  const samples = [
    { atMs: 0, done: 0 },
    { atMs: 900, done: 0 },
    { atMs: 1_000, done: 100 },
    { atMs: 2_000, done: 600 },
    { atMs: 3_000, done: 1_100 },
    { atMs: 4_000, done: 1_100 },
  ];
  expect(throughputOf(samples, 1_100).rate).toBe(500);
});

test("the rate after the warm-up leaves out the first fifth", () => {
  const samples = [
    { atMs: 0, done: 1 },
    { atMs: 1_000, done: 200 },
    { atMs: 1_500, done: 1_000 },
  ];
  expect(throughputOf(samples, 1_000).rateAfterWarmUp).toBe(1_600);
});

test("unfinished work has no rate", () => {
  expect(() => throughputOf([{ atMs: 0, done: 5 }], 10)).toThrow("not finished");
});

test("work that was over within one sample has no rate", () => {
  expect(throughputOf([{ atMs: 0, done: 10 }], 10).rate).toBeNaN();
});
