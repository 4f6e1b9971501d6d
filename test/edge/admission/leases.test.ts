import { expect, test } from "vitest";
import { createLeases, type BucketUse, type Draw, type DrawResult } from "../../../edge/admission/leases.ts";

const use = (kind: BucketUse["kind"], burst = 80): BucketUse => ({
  kind,
  key: kind,
  policy: { ratePerSecond: 10, burst },
});
const uses = [use("user"), use("ip"), use("auction")];

/** A global bucket that grants everything wanted, and remembers what it was asked. */
function generous() {
  const asked: Draw[][] = [];
  const draw = async (draws: Draw[]): Promise<DrawResult> => {
    asked.push(draws);
    await Promise.resolve();
    return { granted: draws.map(({ want }) => want) };
  };
  return { asked, draw };
}

test("a lease serves the bids that follow without a call", async () => {
  const leases = createLeases();
  const { asked, draw } = generous();
  expect(leases.takeLocally(uses, 0)).toBe(false);
  expect(await leases.take(uses, 0, draw)).toEqual({ allowed: true });
  for (let i = 0; i < 9; i++) expect(leases.takeLocally(uses, 0)).toBe(true);
  expect(leases.takeLocally(uses, 0)).toBe(false);
  expect(asked).toHaveLength(1);
});

test("only what has run out is drawn again", async () => {
  const leases = createLeases();
  const { asked, draw } = generous();
  const mixed = [use("user", 16), use("ip"), use("auction")];
  await leases.take(mixed, 0, draw);
  expect(leases.takeLocally(mixed, 0)).toBe(true);
  await leases.take(mixed, 0, draw);
  expect(asked[1]?.map(({ need }) => need)).toEqual([1, 0, 0]);
});

test("whoever comes while a lease is being fetched asks for one token only", async () => {
  const leases = createLeases();
  const { asked, draw } = generous();
  await Promise.all([leases.take(uses, 0, draw), leases.take(uses, 0, draw)]);
  expect(asked.map((draws) => draws.map(({ want }) => want))).toEqual([
    [10, 10, 10],
    [1, 1, 1],
  ]);
});

test("a lease that is too old is not used", async () => {
  const leases = createLeases();
  await leases.take(uses, 0, generous().draw);
  expect(leases.takeLocally(uses, 10_001)).toBe(false);
});

test("a refusal names the bucket; a fallback lets the local verdict stand", async () => {
  const leases = createLeases();
  expect(await leases.take(uses, 0, async () => ({ refused: "ip", retryAfterMs: 70 }))).toEqual({
    allowed: false,
    bucket: "ip",
    retryAfterMs: 70,
  });
  expect(await leases.take(uses, 0, async () => ({ fallback: true }))).toEqual({ allowed: true });
});
