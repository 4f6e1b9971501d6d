import { expect, test } from "vitest";
import { describeBroken, firstBroken, SWEEP_TIMEOUT_MS, sweepOf } from "./sweep.ts";

/** One half of the seeds; the other has a file of its own, so that two workers share them. */
const seeds = sweepOf(1);

test(
  `${seeds.count} seeds of crashes, zombies, lost answers and logs that go backwards break no invariant (I1–I9, I13–I15)`,
  { timeout: SWEEP_TIMEOUT_MS },
  async () => {
    const broken = await firstBroken(seeds);
    expect(broken === undefined ? "" : describeBroken(broken)).toBe("");
  },
);
