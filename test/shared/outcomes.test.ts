import { describe, expect, test } from "vitest";
import { outcomeSchema, rejectionReasonSchema, rejections } from "../../shared/outcomes.ts";
import { outcomesIn, type WireOutcome, wireOutcomeSchema } from "../../shared/results.ts";

const accepted = {
  kind: "bid",
  actorId: "alice",
  key: "k",
  bidId: "bid-1",
  outcome: "accepted",
  seq: 9,
  index: 0,
  at: 1_800_000_000_000,
  version: 7,
  price: 1_000,
  leading: true,
};
const detail = {
  orderId: "auction-1-1",
  quantity: 2,
  unitPrice: 2_500,
  expiresAt: 1_800_000_005_000,
  waiting: 1,
  waitingBefore: 3,
  remaining: 4,
  waitlist: true as const,
  limit: 2,
  field: "/amount",
};

describe("an outcome", () => {
  test("loses nothing when it is read, with all that it may say", () => {
    expect(outcomeSchema.parse({ ...accepted, ...detail })).toEqual({ ...accepted, ...detail });
  });

  test.each(Object.keys(rejections))("may be refused as %s", (reason) => {
    expect(rejectionReasonSchema.parse(reason)).toBe(reason);
  });

  test.each(["", "because", "toString", "BID_TOO_LOW"])("may not be refused as %j", (reason) => {
    expect(rejectionReasonSchema.safeParse(reason).success).toBe(false);
  });

  test("has reasons that clients can branch on: lower case and underscores", () => {
    for (const reason of Object.keys(rejections)) expect(reason).toMatch(/^[a-z]+(_[a-z]+)*$/);
  });

  test("offers a waitlist or says nothing of one", () => {
    expect(outcomeSchema.safeParse({ ...accepted, waitlist: false }).success).toBe(false);
  });
});

describe("an outcome on its way", () => {
  const wire: WireOutcome = {
    actorId: "alice",
    key: "k",
    bidId: "bid-1",
    outcome: "accepted",
    version: 7,
    price: 1_000,
    leading: true,
  };
  const around = { seq: 9, at: 1_800_000_000_000 };

  test("takes its position from the result around it, and is a bid unless it says otherwise", () => {
    expect(outcomesIn({ ...around, outcomes: [null, wire] })).toEqual([null, { ...accepted, index: 1 }]);
    const { bidId: _none, leading: _neither, ...managed } = wire;
    expect(outcomesIn({ ...around, outcomes: [{ ...managed, kind: "manage" }] })).toMatchObject([
      { kind: "manage" },
    ]);
  });

  test("carries its detail as one field, and loses none of it", () => {
    const sent = { ...wire, detail };
    expect(wireOutcomeSchema.parse(sent)).toEqual(sent);
    expect(outcomesIn({ ...around, outcomes: [sent] })).toEqual([{ ...accepted, ...detail }]);
  });

  test("of a retry takes the position of the first", () => {
    const first: [number, number, number] = [4, 2, 1_700_000_000_000];
    expect(outcomesIn({ ...around, outcomes: [{ ...wire, first }] })).toEqual([
      { ...accepted, seq: 4, index: 2, at: 1_700_000_000_000, duplicate: true },
    ]);
  });

  test("says the chain of its own decision: that of the envelope, of a retry that of the first", () => {
    const chain = "c".repeat(64);
    const first: WireOutcome = { ...wire, first: [4, 2, 9, "f".repeat(64)] };
    const [own, retry] = outcomesIn({ ...around, chain, outcomes: [wire, first] });
    expect(own).toEqual({ ...accepted, chain });
    expect(retry).toMatchObject({ seq: 4, index: 2, at: 9, chain: "f".repeat(64), duplicate: true });
  });

  test("of wire version 2, which told no chain, has none", () => {
    const [own, retry] = outcomesIn({ ...around, outcomes: [wire, { ...wire, first: [4, 2, 9] }] });
    expect(own).not.toHaveProperty("chain");
    expect(retry).not.toHaveProperty("chain");
  });
});
