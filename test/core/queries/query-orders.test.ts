import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { auctionIdFor, bidderAliasFor } from "../../../shared/ids.ts";
import { orderIdOf } from "../../../shared/orders.ts";
import type { Order } from "../../../shared/orders.ts";
import type { OwnBid } from "../../../shared/queries.ts";
import {
  alice,
  ALIAS_SALT,
  AUCTION_ID,
  bid,
  bidOf,
  bob,
  carol,
  claim,
  create,
  dropTerms,
  manage,
  orderId,
  proxyBid,
  RUN_MS,
  sam,
  sealedTerms,
  START_MS,
  tick,
} from "../../support/builders.ts";
import { type QueryCluster, startQueryCluster } from "./query-cluster.ts";

let cluster: QueryCluster;
beforeAll(async () => {
  cluster = await startQueryCluster();
}, 60_000);
afterAll(async () => cluster.close(), 30_000);
beforeEach(async () => cluster.empty());

/** A drop with three orders: one released, one confirmed, one pending. */
async function dropWithOrders(): Promise<void> {
  const log = cluster.log();
  await log.append([create(dropTerms({ units: 3, holdMs: 5_000 }))], START_MS);
  await log.append([claim(alice), claim(bob), claim(carol)], START_MS + 1);
  await log.append([manage(alice, "bidder", { action: "release", orderId: orderId(1) })], START_MS + 2);
  await log.append([manage(sam, "seller", { action: "confirm", orderId: orderId(2) })], START_MS + 3);
}

describe("orders", () => {
  test("are an auction's orders, newest first, with their buyers' names", async () => {
    await dropWithOrders();
    const answer = await cluster.ask("orders", { auctionId: AUCTION_ID });
    expect(answer).toMatchObject({
      ok: {
        sellerId: sam,
        orders: [
          { orderId: orderId(3), bidderId: carol, status: "pending", expiresAt: START_MS + 5_001 },
          { orderId: orderId(2), bidderId: bob, status: "confirmed", updatedAt: START_MS + 3 },
          { orderId: orderId(1), bidderId: alice, status: "released", unitPrice: 2_500, currency: "EUR" },
        ],
      },
    });
    expect(answer).not.toHaveProperty("ok.nextCursor");
  });

  test("come page by page, and by status", async () => {
    await dropWithOrders();
    const numbers: string[] = [];
    let cursor: string | undefined;
    do {
      const answer = await cluster.ask("orders", {
        auctionId: AUCTION_ID,
        limit: 1,
        ...(cursor !== undefined && { cursor }),
      });
      if (!("ok" in answer) || answer.ok === null) throw new Error("no orders");
      numbers.push(...answer.ok.orders.map((order) => order.orderId));
      cursor = answer.ok.nextCursor;
    } while (cursor !== undefined);
    expect(numbers).toEqual([orderId(3), orderId(2), orderId(1)]);
    expect(await cluster.ask("orders", { auctionId: AUCTION_ID, status: "pending" })).toMatchObject({
      ok: { orders: [{ orderId: orderId(3) }] },
    });
  });

  test("of an auction that nobody created are null; a cursor of another list is refused", async () => {
    expect(await cluster.ask("orders", { auctionId: AUCTION_ID })).toEqual({ ok: null });
    expect(await cluster.ask("orders", { auctionId: AUCTION_ID, cursor: "x" })).toMatchObject({
      error: { reason: "invalid_query" },
    });
  });
});

/** Auctions that lie on both shards. */
const lots = Array.from({ length: 6 }, (_, i) => ({ key: `lot-${i}`, id: auctionIdFor(sam, `lot-${i}`) }));

describe("a bidder's own", () => {
  test("orders of all auctions and shards come newest first, page by page, and nobody else's", async () => {
    for (const [i, { key, id }] of lots.entries()) {
      const log = cluster.log(id);
      await log.append([create(dropTerms(), key)], START_MS);
      await log.append([claim(bob), claim(alice)], START_MS + 10 + Math.floor(i / 2));
    }
    const found: Order[] = [];
    let cursor: string | undefined;
    do {
      const request = { bidderId: alice, limit: 4, ...(cursor !== undefined && { cursor }) };
      const answer = await cluster.ask("ownOrders", request);
      if (!("ok" in answer)) throw new Error("no orders");
      found.push(...answer.ok.orders);
      cursor = answer.ok.nextCursor;
    } while (cursor !== undefined);
    expect(found.map((order) => order.orderId).sort()).toEqual(lots.map(({ id }) => orderIdOf(id, 2)).sort());
    expect(found.map((order) => order.createdAt)).toEqual(
      found.map((order) => order.createdAt).sort((a, b) => b - a),
    );
    expect(new Set(found.map((order) => order.bidderId))).toEqual(new Set([alice]));
  });

  test("bids show the own maximum and the own sealed amount, and whether one leads", async () => {
    const [english, sealed, drop] = lots.map(({ id }) => cluster.log(id));
    await english?.append([create({}, "lot-0")], START_MS);
    await english?.append([proxyBid(alice, 7_777), bid(bob, 2_000)], START_MS + 1);
    await sealed?.append([create(sealedTerms(), "lot-1")], START_MS);
    await sealed?.append([bid(alice, 4_321), bid(bob, 9_999)], START_MS + 2);
    await drop?.append([create(dropTerms({ units: 1, perBidder: 3 }), "lot-2")], START_MS);
    await drop?.append([claim(alice, { quantity: 3, waitlist: true })], START_MS + 3);
    const answer = await cluster.ask("ownBids", { bidderId: alice });
    if (!("ok" in answer)) throw new Error("no bids");
    const bids: Partial<OwnBid>[] = answer.ok.bids;
    expect(bids).toMatchObject([
      { format: "drop", units: 1, waiting: 2, amount: null },
      { format: "sealed", amount: 4_321, price: null },
      { format: "english", amount: 7_777, leading: true, price: 2_100 },
    ]);
    const bobs = JSON.stringify(await cluster.ask("ownBids", { bidderId: bob }));
    expect(bobs).not.toContain("7777");
    expect(bobs).not.toContain("4321");
  });
});

describe("the history", () => {
  test("shows automatic counter-bids, and what a maximum has shown, but no maximum", async () => {
    const log = cluster.log();
    await log.append([create()], START_MS);
    await log.append([proxyBid(alice, 5_000), proxyBid(bob, 3_000), proxyBid(carol, 4_950)], START_MS + 1);
    const answer = await cluster.ask("bids", { auctionId: AUCTION_ID });
    const aliased = (id: string) => bidderAliasFor(ALIAS_SALT, id);
    expect(answer).toMatchObject({
      ok: {
        bids: [
          { bidder: aliased(carol), amount: 4_950, counterBids: [{ bidder: aliased(alice), amount: 5_000 }] },
          { bidder: aliased(bob), amount: 3_000, counterBids: [{ bidder: aliased(alice), amount: 3_100 }] },
          { bidder: aliased(alice), amount: 1_000 },
        ],
      },
    });
  });

  test("hides sealed amounts before the close, refused ones too, and shows them after it (I10)", async () => {
    const log = cluster.log();
    await log.append([create(sealedTerms())], START_MS);
    await log.append([bid(alice, 54_321), bid(sam, 65_432), bidOf(bob, { maxAmount: 76_543 })], START_MS + 1);
    const before = JSON.stringify(await cluster.ask("bids", { auctionId: AUCTION_ID }));
    for (const digits of ["54321", "65432", "76543"]) expect(before).not.toContain(digits);
    await log.append([tick], START_MS + RUN_MS);
    const after = await cluster.ask("bids", { auctionId: AUCTION_ID });
    expect(after).toMatchObject({
      ok: {
        bids: [{ outcome: "rejected" }, { outcome: "rejected" }, { amount: 54_321, outcome: "accepted" }],
      },
    });
  });
});
