import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { orderIdSchema } from "../../shared/manage.ts";
import { orderEventSchema, orderIdOf, orderNumberOf, orderSchema } from "../../shared/orders.ts";
import { WIRE_VERSION } from "../../shared/wire-version.ts";
import { PROPERTY_RUNS, PROPERTY_TIMEOUT_MS } from "../support/property-runs.ts";

const auctionIds = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);
const numbers = fc.integer({ min: 1, max: 999_999_999 });

describe("an order's id", () => {
  test("is its auction's, a dash and its number", () => {
    expect(orderIdOf("1e2LqMbjiwNi-xiqiOH2ud", 7)).toBe("1e2LqMbjiwNi-xiqiOH2ud-7");
  });

  test("gives its number back to its own auction", { timeout: PROPERTY_TIMEOUT_MS }, () => {
    fc.assert(
      fc.property(auctionIds, numbers, (auctionId, number) => {
        const id = orderIdOf(auctionId, number);
        expect(orderIdSchema.parse(id)).toBe(id);
        expect(orderNumberOf(auctionId, id)).toBe(number);
      }),
      { numRuns: PROPERTY_RUNS },
    );
  });

  test("gives no number to any other auction", { timeout: PROPERTY_TIMEOUT_MS }, () => {
    fc.assert(
      fc.property(auctionIds, auctionIds, numbers, (auctionId, other, number) => {
        fc.pre(other !== auctionId);
        expect(orderNumberOf(other, orderIdOf(auctionId, number))).toBeUndefined();
      }),
      { numRuns: PROPERTY_RUNS },
    );
  });

  test("is told apart where one auction's id begins with another's", () => {
    expect(orderNumberOf("a", "a-1-2")).toBeUndefined();
    expect(orderNumberOf("a-1", "a-1-2")).toBe(2);
  });

  test.each(["a", "a-", "a-0", "a-01", "a-1x", "a-+1", "a-1.5", "a-1e3", "a-1000000000"])(
    "is not %j",
    (id) => {
      expect(orderNumberOf("a", id)).toBeUndefined();
    },
  );
});

describe("an order event", () => {
  const order = {
    orderId: "auction-1-1",
    auctionId: "auction-1",
    bidderId: "alice",
    status: "pending",
    source: "close",
    quantity: 2,
    unitPrice: 2_500,
    amount: 5_000,
    currency: "EUR",
    createdAt: 1_800_000_000_000,
    updatedAt: 1_800_000_000_000,
    expiresAt: null,
  };
  const event = {
    v: WIRE_VERSION,
    id: "auction-1-1.pending",
    type: "order.pending",
    sellerId: "sam",
    at: 1_800_000_000_000,
    seq: 9,
    order,
  };

  test("loses nothing when it is read", () => {
    expect(orderEventSchema.parse(event)).toEqual(event);
  });

  test.each(["pending", "confirmed", "released", "expired"])(
    "has a type for an order that is %s",
    (status) => {
      const changed = { ...event, type: `order.${status}`, order: { ...order, status } };
      expect(orderEventSchema.parse(changed)).toEqual(changed);
    },
  );

  test.each([
    ["without units", { quantity: 0 }],
    ["without a price", { unitPrice: 0 }],
    ["of no known source", { source: "raffle" }],
    ["of no known status", { status: "paid" }],
    ["without a word on its expiry", { expiresAt: undefined }],
  ])("of an order %s is none", (_what, changes) => {
    expect(orderSchema.safeParse({ ...order, ...changes }).success).toBe(false);
  });
});
