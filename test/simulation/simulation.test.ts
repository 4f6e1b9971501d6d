import { expect, test } from "vitest";
import { PROPERTY_TIMEOUT_MS } from "../support/property-runs.ts";
import { PLANTED_BUGS } from "./bugs.ts";
import { FORMER_FAILURES } from "./former-failures.ts";
import { simulate } from "./simulate.ts";
import { describeBroken, firstBroken } from "./sweep.ts";

test.each(FORMER_FAILURES)("seed $seed, which once found that $what, holds", async ({ seed }) => {
  const broken = await firstBroken({ from: seed, count: 1 });
  expect(broken === undefined ? "" : describeBroken(broken)).toBe("");
});

test.each(PLANTED_BUGS)(
  "a bug against $breaks is found within 300 seeds: $name",
  { timeout: PROPERTY_TIMEOUT_MS },
  async (bug) => {
    const broken = await firstBroken({ from: 1, count: 300 }, bug);
    expect(broken?.findings).not.toEqual([]);
    expect(broken).toBeDefined();
  },
);

test("a seed always gives the same run, to the last byte (I2)", async () => {
  const [first, second] = [await simulate(7), await simulate(7)];
  expect(second.world.story).toEqual(first.world.story);
  expect(second.results).toEqual(first.results);
  expect(second.broker.archive).toEqual(first.broker.archive);
});
