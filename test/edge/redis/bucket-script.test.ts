import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Redis } from "@upstash/redis/cloudflare";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { BUCKET_SCRIPT } from "../../../edge/admission/bucket-script.ts";
import { startStack } from "../../../infra/local/stack.ts";
import type { RunningStack } from "../../../infra/local/stack-types.ts";

let data: string;
let stack: RunningStack;
let redis: Redis;

beforeAll(async () => {
  data = await mkdtemp(path.join(tmpdir(), "lastcall-buckets-"));
  stack = await startStack({ data, serversOnly: true });
  redis = new Redis({ ...stack.info.upstash, enableTelemetry: false });
}, 60_000);
afterAll(async () => {
  await stack.stop();
  await rm(data, { recursive: true, force: true });
}, 30_000);
beforeEach(async () => {
  await redis.flushall();
});

/** One draw: for each bucket its tokens per second, burst, need and want. */
const draw = (
  ...buckets: [key: string, ratePerSecond: number, burst: number, need: number, want: number][]
) =>
  redis.eval<number[], number[]>(
    BUCKET_SCRIPT,
    buckets.map(([key]) => key),
    buckets.flatMap(([, rate, burst, need, want]) => [rate / 1_000, burst, need, want]),
  );

test("every bucket grants what it is asked for, up to half of what it has", async () => {
  expect(await draw(["user", 0.001, 10, 1, 4], ["ip", 0.001, 100, 1, 20])).toEqual([1, 4, 20]);
  expect(await draw(["user", 0.001, 10, 1, 9])).toEqual([1, 3]);
  expect(await draw(["user", 0.001, 10, 1, 9])).toEqual([1, 1]);
});

test("one empty bucket refuses for all, by name and time, and takes nothing from the others", async () => {
  await draw(["user", 0.5, 1, 1, 1]);
  const [allowed, culprit, waitMs] = await draw(["ip", 1, 10, 1, 5], ["user", 0.5, 1, 1, 1]);
  expect([allowed, culprit]).toEqual([0, 2]);
  expect(waitMs).toBeGreaterThan(1_500);
  expect(waitMs).toBeLessThanOrEqual(2_000);
  expect(await redis.exists("ip")).toBe(0);
});

test("a bucket fills with Redis' own time, and is forgotten when it is full anyway", async () => {
  // A token takes half a second: longer than a busy machine leaves between two calls.
  await draw(["user", 2, 1, 1, 1]);
  expect((await draw(["user", 2, 1, 1, 1]))[0]).toBe(0);
  await new Promise((resolve) => setTimeout(resolve, 520));
  expect((await draw(["user", 2, 1, 1, 1]))[0]).toBe(1);
  expect(await redis.pttl("user")).toBeLessThanOrEqual(1_500);
});

test("callers that draw at once never get more than the burst between them", async () => {
  const answers = await Promise.all(Array.from({ length: 40 }, () => draw(["user", 0.001, 20, 1, 3])));
  const granted = answers.reduce((sum, [allowed, tokens = 0]) => sum + (allowed === 1 ? tokens : 0), 0);
  expect(granted).toBeLessThanOrEqual(20);
  expect(granted).toBeGreaterThan(15);
});
