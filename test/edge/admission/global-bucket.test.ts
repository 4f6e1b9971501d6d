import { expect, test } from "vitest";
import { createGlobalBucket } from "../../../edge/admission/global-bucket.ts";
import type { Draw } from "../../../edge/admission/leases.ts";

const draws: Draw[] = (["user", "ip"] as const).map((kind) => ({
  use: { kind, key: kind, policy: { ratePerSecond: 10, burst: 20 } },
  need: 1,
  want: 5,
}));

function bucketOver(run: () => Promise<number[]>) {
  const stage = { now: 0, calls: 0, fallbacks: [] as string[] };
  const { draw: bucket } = createGlobalBucket({
    run: () => {
      stage.calls++;
      return run();
    },
    now: () => stage.now,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    fellBack: (why) => void stage.fallbacks.push(why),
  });
  return { bucket, stage };
}

test("a grant and a refusal are read from the script's answer", async () => {
  expect(await bucketOver(async () => [1, 5, 3]).bucket(draws)).toEqual({ granted: [5, 3] });
  expect(await bucketOver(async () => [0, 2, 150]).bucket(draws)).toEqual({
    refused: "ip",
    retryAfterMs: 150,
  });
});

test("a Redis that does not answer in time is not waited for", async () => {
  const { bucket, stage } = bucketOver(() => new Promise(() => undefined));
  expect(await bucket(draws)).toEqual({ fallback: true });
  expect(stage.fallbacks).toEqual(["slow"]);
});

test("after failures in a row Redis is left alone, then probed by one request", async () => {
  let down = true;
  const { bucket, stage } = bucketOver(async () => {
    if (down) throw new Error("down");
    return [1, 5, 5];
  });
  for (let i = 0; i < 5; i++) await bucket(draws);
  expect(stage.calls).toBe(3);
  expect(stage.fallbacks).toEqual(["failed", "failed", "failed", "open", "open"]);
  down = false;
  stage.now += 2_000;
  const [probe, other] = await Promise.all([bucket(draws), bucket(draws)]);
  expect([probe, other]).toEqual([{ granted: [5, 5] }, { fallback: true }]);
  expect(await bucket(draws)).toEqual({ granted: [5, 5] });
});
