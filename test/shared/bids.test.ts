import { describe, expect, test } from "vitest";
import { bidBodySchema } from "../../shared/bids.ts";

/** Paths of the fields at fault, as JSON pointers. */
const faults = (body: unknown): string[] => [
  ...new Set(bidBodySchema.safeParse(body).error?.issues.map((issue) => `/${issue.path.join("/")}`)),
];

const MAX = Number.MAX_SAFE_INTEGER;

describe("the body of a bid", () => {
  test.each([
    [{ amount: 1_000 }],
    [{ amount: MAX }],
    [{ maxAmount: 5_000 }],
    [{ amount: 1_000, maxAmount: 5_000 }],
    [{ amount: 1_000, maxAmount: 1_000 }],
    [{ buyNow: true }],
    [{ amount: 1_000, quantity: 1 }],
    [{ amount: 1_000, quantity: 1_000_000, partial: true }],
    [{ amount: 1_000, partial: true }],
    [{}],
    [{ quantity: 2 }],
    [{ waitlist: true }],
    [{ quantity: 2, partial: true, waitlist: true }],
  ])("may be %j, and is unchanged by being read", (body) => {
    expect(bidBodySchema.parse(body)).toEqual(body);
  });

  test.each([
    [{ amount: 0 }, "/amount"],
    [{ amount: 1.5 }, "/amount"],
    [{ amount: "1000" }, "/amount"],
    [{ amount: MAX + 1 }, "/amount"],
    [{ amount: null }, "/amount"],
    [{ maxAmount: 0 }, "/maxAmount"],
    [{ maxAmount: 0.5 }, "/maxAmount"],
    [{ quantity: 0 }, "/quantity"],
    [{ quantity: 1_000_001 }, "/quantity"],
    [{ quantity: 1.5 }, "/quantity"],
    [{ buyNow: false }, "/buyNow"],
    [{ partial: false }, "/partial"],
    [{ waitlist: false }, "/waitlist"],
    [{ waitlist: "true" }, "/waitlist"],
  ])("may not be %j, which names %s", (body, pointer) => {
    expect(faults(body)).toEqual([pointer]);
  });

  test.each([
    [{ buyNow: true, amount: 1_000 }, "/buyNow"],
    [{ buyNow: true, maxAmount: 1_000 }, "/buyNow"],
    [{ buyNow: true, quantity: 1 }, "/buyNow"],
    [{ buyNow: true, partial: true }, "/buyNow"],
    [{ buyNow: true, waitlist: true }, "/buyNow"],
    [{ maxAmount: 1_000, quantity: 1 }, "/maxAmount"],
    [{ maxAmount: 1_000, partial: true }, "/maxAmount"],
    [{ maxAmount: 1_000, waitlist: true }, "/maxAmount"],
    [{ amount: 1_000, maxAmount: 999 }, "/maxAmount"],
    [{ amount: 1_000, waitlist: true }, "/waitlist"],
  ])("%j contradicts itself in any format, which names %s", (body, pointer) => {
    expect(faults(body)).toContain(pointer);
  });

  test("has no other fields", () => {
    const parsed = bidBodySchema.safeParse({ amount: 1, bidderId: "somebody-else" });
    expect(parsed.error?.issues).toMatchObject([{ code: "unrecognized_keys", keys: ["bidderId"] }]);
  });

  test.each([null, 7, "x", []])("is an object, not %j", (body) => {
    expect(bidBodySchema.safeParse(body).success).toBe(false);
  });
});
