import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { bidderAliasFor } from "../../../shared/ids.ts";
import { englishTerms } from "../../support/client.ts";
import { sharedStack } from "../../support/stack.ts";
import { expectEveryDoorAgrees } from "./expect-every-door.ts";
import { openSaleroom, type Saleroom, someone } from "./saleroom.ts";
import { saysAmount } from "./says-amount.ts";
import { until, untilMoment } from "./until.ts";

const alice = someone("alice");
const bob = someone("bob");
const carol = someone("carol");

/** A maximum that nobody is ever told: it is raised before it could be exhausted. */
const SECRET_MAXIMUM = 64_319;
const RESERVE = 50_077;

/** Closed, and every order settled. */
async function atRest(room: Saleroom): Promise<void> {
  await until(
    () => room.read("/orders?status=pending", room.seller),
    ({ body }) => (body["orders"] as unknown[]).length === 0,
  );
}

test.concurrent("maxima bid for their bidders by tiers, over a hidden reserve, to the runner-up's second chance (I1–I4, I8)", async () => {
  const increment = [
    { from: 0, step: 1_000 },
    { from: 20_000, step: 5_000 },
  ];
  const terms = englishTerms({ startPrice: 10_000, increment, reservePrice: RESERVE });
  const room = await openSaleroom(sharedStack(), terms);
  expect(room.created).toMatchObject({ reserveMet: false, price: null, minimumBid: 10_000 });

  const first = await room.bid(alice, { maxAmount: 30_000 });
  expect(first).toMatchObject({ status: 201, body: { outcome: "accepted", price: 10_000, leading: true } });
  // The answer for alice's maximum: one step of the tier that bob's amount lies in.
  const answered = await room.bidLive(bob, { amount: 15_000 });
  expect(answered).toMatchObject({ outcome: "accepted", price: 16_000, leading: false });
  const low = await room.bid(bob, { amount: 16_999 });
  expect(low).toMatchObject({
    status: 409,
    body: { reason: "bid_too_low", minimumBid: 17_000, price: 16_000, outcome: "rejected" },
  });
  expect(await room.viewSince(low)).toMatchObject({ reserveMet: false, price: 16_000 });

  // Alice's maximum is exhausted, and carol's limit meets the reserve: the price is the reserve.
  const over = await room.bidLive(carol, { maxAmount: SECRET_MAXIMUM });
  expect(over).toMatchObject({ outcome: "accepted", price: RESERVE, leading: true });
  const raised = await room.bid(carol, { maxAmount: 70_000 });
  expect(raised).toMatchObject({ status: 201, body: { price: RESERVE, leading: true } });
  const lowered = await room.bidLive(carol, { maxAmount: 65_000 });
  expect(lowered).toMatchObject({ outcome: "rejected", reason: "maximum_not_raised", price: RESERVE });
  // Equal maxima: the earlier leads, at exactly that price.
  const tie = await room.bid(bob, { maxAmount: 70_000 });
  expect(tie).toMatchObject({ status: 201, body: { price: 70_000, leading: false } });

  const ended = await room.manage(room.seller, "end");
  expect(ended).toMatchObject({ status: 200, body: { auction: { status: "closed", price: 70_000 } } });
  await secondChance(room);
  const { aliasSalt, auction } = await expectEveryDoorAgrees(room);
  expect(auction).toMatchObject({ winner: bob, price: 70_000, bidCount: 5 });

  const { body } = await room.read("/bids");
  const aliasOf = (bidder: string): string => bidderAliasFor(aliasSalt, bidder);
  expect(body["bids"]).toMatchObject([
    { amount: 70_000, counterBids: [{ bidder: aliasOf(carol), amount: 70_000 }] },
    { outcome: "rejected", reason: "maximum_not_raised", amount: null },
    { bidder: aliasOf(carol), amount: RESERVE },
    { bidder: aliasOf(carol), amount: RESERVE, counterBids: [{ bidder: aliasOf(alice), amount: 30_000 }] },
    { outcome: "rejected", reason: "bid_too_low", amount: 16_999 },
    { amount: 15_000, counterBids: [{ bidder: aliasOf(alice), amount: 16_000 }] },
    { bidder: aliasOf(alice), amount: 10_000 },
  ]);
  const everything = JSON.stringify([room.watcher.frames, body, (await room.read()).body]);
  expect(saysAmount(everything, SECRET_MAXIMUM), "a maximum was shown").toBe(false);
  expect(everything).not.toContain("reservePrice");
  await room.leave();
});

/** The winner does not pay; the seller offers the lot to the runner-up, at the runner-up's own limit. */
async function secondChance(room: Saleroom): Promise<void> {
  const early = await room.settle(room.seller, 1, "second-chance");
  expect(early).toMatchObject({ status: 409, body: { reason: "order_not_passed_over" } });
  expect((await room.settle(room.seller, 1, "release")).status).toBe(200);
  const offered = await room.settle(room.seller, 1, "second-chance");
  expect(offered).toMatchObject({ status: 200, body: { orderId: room.orderId(2) } });
  expect((await room.settle(room.seller, 2, "confirm")).status).toBe(200);
  const again = await room.settle(room.seller, 2, "second-chance");
  expect(again).toMatchObject({ status: 409, body: { reason: "order_not_passed_over" } });
  const { body } = await room.read("/orders", room.seller);
  expect(body["orders"]).toMatchObject([
    { bidderId: bob, status: "confirmed", source: "second_chance", unitPrice: 70_000 },
    { bidderId: carol, status: "released", source: "close", unitPrice: 70_000 },
  ]);
}

test.concurrent("a winner who does not pay in time is passed over by the clock, for whoever is next (I2, I4)", async () => {
  const settlement = { payWithinMs: 400, secondChance: true };
  const room = await openSaleroom(sharedStack(), englishTerms({ settlement }));
  await room.bid(alice, { amount: 1_000 });
  await room.bid(bob, { maxAmount: 1_500 });
  expect((await room.manage(room.operator, "end")).status).toBe(200);
  await until(
    () => room.read("/orders?status=expired", room.seller),
    ({ body }) => (body["orders"] as unknown[]).length === 2,
  );
  const { auction } = await expectEveryDoorAgrees(room);
  expect(auction.orders).toMatchObject([
    { bidderId: bob, unitPrice: 1_100, source: "close", status: "expired" },
    { bidderId: alice, unitPrice: 1_000, source: "second_chance", status: "expired" },
  ]);
  await room.leave();
});

test.concurrent("a bid in the last moments moves the end, watchers see the new one at once, and the cap holds (I3, I6, I8)", async () => {
  const softClose = { windowMs: 2_200, extendMs: 2_200, maxExtensions: 2 };
  const room = await openSaleroom(sharedStack(), englishTerms({ softClose }));
  await room.socketOf(bob);
  const endsAt = Date.now() + 3_000;
  const soon = await room.manage(room.seller, "change-end", { endsAt, reason: "nobody has time" });
  expect(soon.status).toBe(200);
  const early = await room.bid(alice, { amount: 1_000 });
  await untilMoment(endsAt - softClose.windowMs + 50);
  const second = await room.bidLive(bob, { amount: 1_100 });
  const third = await room.bid(alice, { amount: 1_200 });
  const fourth = await room.bidLive(bob, { amount: 1_300 });
  if (second.type !== "outcome" || fourth.type !== "outcome") throw new Error("a bid was not decided");
  await room.watcher.until((frame) => "version" in frame && frame.version >= fourth.version);

  // On a busy machine the first bid may be in the window, too; what it then does is the same.
  const bids = [early.body, second, third.body, fourth] as { at: number; version: number }[];
  const expected: object[] = [];
  let newEnd = endsAt;
  for (const { at, version } of bids) {
    if (at <= newEnd - softClose.windowMs || expected.length === softClose.maxExtensions) continue;
    newEnd = at + softClose.extendMs;
    expected.push({ type: "extended", version, at, endsAt: newEnd });
  }
  expect(expected).toHaveLength(softClose.maxExtensions);
  const told = room.watcher.frames.flatMap((frame) => (frame.type === "update" ? [frame] : []));
  const extensions = told.flatMap(({ events = [] }) => events.filter(({ type }) => type === "extended"));
  expect(extensions).toEqual(expected);
  // The frame that tells of the extension has the new end in it, for countdowns.
  expect(told.find(({ version }) => version >= second.version)?.endsAt).toBeGreaterThan(endsAt);
  expect(told.at(-1)).toMatchObject({ endsAt: newEnd, status: "open" });

  await room.watcher.until((frame) => frame.type === "update" && frame.status === "closed");
  const late = await room.bid(alice, { amount: 5_000 });
  expect(late).toMatchObject({ status: 409, body: { reason: "auction_closed" } });
  const { auction } = await expectEveryDoorAgrees(room);
  expect(auction).toMatchObject({ status: "closed", winner: bob, price: 1_300, endsAt: newEnd });
  expect(auction.happenings.find(({ type }) => type === "auction_closed")?.at).toBeGreaterThanOrEqual(newEnd);
  await room.leave();
});

test.concurrent("buy-now buys at once while nothing stands, and closes for everybody (I4, I8, I9)", async () => {
  const room = await openSaleroom(sharedStack(), englishTerms({ buyNowPrice: 9_000 }));
  expect(room.created).toMatchObject({ buyNowPrice: 9_000, buyNowAvailable: true });
  const key = randomUUID();
  const bought = await room.bidLive(alice, { buyNow: true }, key);
  expect(bought).toMatchObject({
    outcome: "accepted",
    orderId: room.orderId(1),
    quantity: 1,
    unitPrice: 9_000,
    price: 9_000,
  });
  const closed = await room.watcher.until((frame) => frame.type === "update" && frame.status === "closed");
  expect(closed).toMatchObject({ price: 9_000, buyNowAvailable: false });
  const late = await room.bid(bob, { amount: 9_500 });
  expect(late).toMatchObject({ status: 409, body: { reason: "auction_closed" } });
  // Whoever did not hear the answer asks again, and it is not too late for that.
  const again = await room.bid(alice, { buyNow: true }, key);
  expect(again).toMatchObject({ status: 201, body: { orderId: room.orderId(1), duplicate: true } });
  expect((await room.settle(room.seller, 1, "confirm")).status).toBe(200);
  const { auction } = await expectEveryDoorAgrees(room);
  expect(auction.orders).toMatchObject([{ bidderId: alice, source: "buy_now", status: "confirmed" }]);
  await room.leave();
});

test.concurrent("buy-now goes with the first bid, or with the one that meets the reserve", async () => {
  const plain = await openSaleroom(sharedStack(), englishTerms({ buyNowPrice: 9_000 }));
  await plain.bid(alice, { amount: 1_000 });
  const gone = await plain.bid(bob, { buyNow: true });
  expect(gone).toMatchObject({ status: 409, body: { reason: "buy_now_unavailable", outcome: "rejected" } });
  expect(await plain.viewSince(gone)).toMatchObject({ buyNowAvailable: false });
  await plain.leave();

  const terms = englishTerms({ buyNowPrice: 9_000, reservePrice: 5_000 });
  const reserved = await openSaleroom(sharedStack(), terms);
  const below = await reserved.bid(alice, { amount: 1_000 });
  expect(await reserved.viewSince(below)).toMatchObject({ buyNowAvailable: true, reserveMet: false });
  const met = await reserved.bid(alice, { maxAmount: 5_000 });
  expect(met).toMatchObject({ status: 201, body: { price: 5_000 } });
  const refused = await reserved.bidLive(bob, { buyNow: true });
  expect(refused).toMatchObject({ outcome: "rejected", reason: "buy_now_unavailable" });
  expect(await reserved.viewSince(met)).toMatchObject({ buyNowAvailable: false, reserveMet: true });
  await reserved.manage(reserved.seller, "end");
  await reserved.settle(reserved.seller, 1, "confirm");
  await atRest(reserved);
  await expectEveryDoorAgrees(reserved);
  await reserved.leave();
});

test.concurrent("below its reserve a lot is sold to nobody (I4)", async () => {
  const room = await openSaleroom(sharedStack(), englishTerms({ reservePrice: 5_000 }));
  await room.bid(alice, { amount: 4_999 });
  expect((await room.manage(room.seller, "end")).status).toBe(200);
  const { auction } = await expectEveryDoorAgrees(room);
  expect(auction).toMatchObject({ status: "closed", winner: null, leader: null, orders: [], price: 4_999 });
  await room.leave();
});
