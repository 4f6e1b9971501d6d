import { describe, expect, test } from "vitest";
import { clientFrameSchema, MAX_FRAME_BYTES, serverFrameSchema } from "../../shared/frames.ts";

describe("a client's frame", () => {
  test.each([
    [{ type: "bid", key: "k", amount: 1_000 }],
    [{ type: "bid", key: "k", amount: 1_000, maxAmount: 5_000 }],
    [{ type: "bid", key: "k", maxAmount: 5_000 }],
    [{ type: "bid", key: "k", buyNow: true }],
    [{ type: "bid", key: "k", amount: 1_000, quantity: 3, partial: true }],
    [{ type: "bid", key: "k", quantity: 2, waitlist: true }],
    [{ type: "bid", key: "k" }],
    [{ type: "ping", t: 1.5 }],
  ])("may be %j", (frame) => {
    expect(clientFrameSchema.parse(frame)).toEqual(frame);
  });

  test.each([
    [{ type: "bid", amount: 1_000 }],
    [{ type: "bid", key: "k", amount: 0 }],
    [{ type: "bid", key: "k", amount: 1_000, maxAmount: 999 }],
    [{ type: "bid", key: "k", buyNow: true, amount: 1 }],
    [{ type: "bid", key: "k", buyNow: false }],
    [{ type: "bid", key: "k", waitlist: true, amount: 1 }],
    [{ type: "manage", key: "k", action: "cancel", reason: "damaged" }],
    [{ type: "bid", key: "k", amount: 1, bidderId: "somebody-else" }],
    [{ type: "bid", key: "a b", amount: 1 }],
    [{ type: "ping", t: "now" }],
    [{ type: "outcome" }],
    [[]],
    [null],
  ])("may not be %j", (frame) => {
    expect(clientFrameSchema.safeParse(frame).success).toBe(false);
  });

  test("with the longest key and amount is far below the limit", () => {
    const amount = Number.MAX_SAFE_INTEGER;
    const longest = JSON.stringify({ type: "bid", key: "k".repeat(64), amount, maxAmount: amount });
    expect(longest.length * 10).toBeLessThan(MAX_FRAME_BYTES);
  });
});

describe("a server's frame", () => {
  const live = {
    status: "open",
    version: 7,
    endsAt: 1_800_000_060_000,
    price: 1_000,
    minimumBid: 1_100,
    bidCount: 1,
    leader: "b-DkWQd2gcDI",
  };

  test.each([
    ["an update of an english auction", { ...live, reserveMet: false, buyNowAvailable: true }],
    ["an update of a dutch auction", { ...live, leader: null, remaining: 4, nextPriceAt: null }],
    ["an update of a sealed auction", { ...live, price: null, minimumBid: null, leader: null }],
    ["an update of a drop", { ...live, minimumBid: null, leader: null, remaining: 0, waiting: 12 }],
  ])("may be %s, and loses nothing", (_what, fields) => {
    const frame = { type: "update", from: 6, now: 1_800_000_000_000, ...fields, events: [] };
    expect(serverFrameSchema.parse(frame)).toEqual(frame);
  });

  test("of an outcome says all there is to say of it, and not who asked", () => {
    const outcome = {
      key: "k",
      bidId: "bid-1",
      outcome: "accepted",
      seq: 9,
      index: 0,
      at: 1_800_000_000_000,
      version: 7,
      price: 2_500,
      orderId: "auction-1-1",
      quantity: 1,
      unitPrice: 2_500,
      expiresAt: 1_800_000_005_000,
      waiting: 1,
      waitingBefore: 3,
    };
    expect(serverFrameSchema.parse({ type: "outcome", ...outcome })).toEqual({ type: "outcome", ...outcome });
    expect(serverFrameSchema.parse({ type: "outcome", ...outcome, actorId: "alice" })).not.toHaveProperty(
      "actorId",
    );
  });
});
