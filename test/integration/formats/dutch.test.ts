import { expect, test } from "vitest";
import type { PublicEvent } from "../../../shared/results.ts";
import { dutchTerms } from "../../support/client.ts";
import { sharedStack } from "../../support/stack.ts";
import { expectEveryDoorAgrees } from "./expect-every-door.ts";
import { bidderNamed, openSaleroom, type Saleroom, someone } from "./saleroom.ts";
import { until } from "./until.ts";

const alice = someone("alice");
const bob = someone("bob");
const carol = someone("carol");

const eventsOf = ({ watcher }: Saleroom): PublicEvent[] =>
  watcher.frames.flatMap((frame) => (frame.type === "update" ? (frame.events ?? []) : []));

const pricesOf = (room: Saleroom): Extract<PublicEvent, { type: "price" }>[] =>
  eventsOf(room).filter((event) => event.type === "price");

/** The watcher has been told that a unit costs no more than this. */
const untilPrice = (room: Saleroom, price: number) =>
  room.watcher.until((frame) => frame.type === "update" && frame.price !== null && frame.price <= price);

test.concurrent("the price falls by the log's clock, a bid that saw a higher one pays the clock's, and the last unit closes it (I3, I4, I6)", async () => {
  const terms = dutchTerms({
    startPrice: 10_000,
    floorPrice: 4_000,
    stepAmount: 2_000,
    stepMs: 600,
    units: 5,
    graceMs: 3_600_000,
  });
  const room = await openSaleroom(sharedStack(), terms);
  const { startsAt } = room.created;
  expect(room.created).toMatchObject({ price: 10_000, remaining: 5, nextPriceAt: startsAt + 600 });
  const stale = await untilPrice(room, 8_000).then(() => room.bid(alice, { amount: 10_000 }));
  expect(stale).toMatchObject({ status: 201, body: { outcome: "accepted", quantity: 1 } });
  expect(Number(stale.body["unitPrice"])).toBeLessThanOrEqual(8_000);

  const floor = await untilPrice(room, 4_000);
  if (floor.type !== "update") throw new Error("the price was told otherwise");
  expect(floor).toMatchObject({ price: 4_000, minimumBid: 4_000, nextPriceAt: null });
  expect(await room.viewSince(floor)).toMatchObject({ price: 4_000, minimumBid: 4_000, nextPriceAt: null });
  const below = await room.bidLive(bob, { amount: 3_999 });
  expect(below).toMatchObject({ outcome: "rejected", reason: "price_moved", price: 4_000 });
  const two = await room.bidLive(bob, { amount: 4_000, quantity: 2 });
  expect(two).toMatchObject({ outcome: "accepted", quantity: 2, unitPrice: 4_000 });
  const many = await room.bid(carol, { amount: 5_000, quantity: 3 });
  expect(many).toMatchObject({ status: 409, body: { reason: "not_enough_units", remaining: 2 } });
  const misfit = await room.bid(carol, { maxAmount: 5_000 });
  expect(misfit).toMatchObject({
    status: 422,
    body: { reason: "bid_not_for_format", errors: [{ pointer: "/maxAmount" }] },
  });
  expect(await room.viewSince(misfit)).toMatchObject({ status: "open", remaining: 2 });
  const rest = await room.bid(carol, { amount: 5_000, quantity: 3, partial: true });
  expect(rest).toMatchObject({ status: 201, body: { quantity: 2, unitPrice: 4_000 } });

  await room.watcher.until((frame) => frame.type === "update" && frame.status === "closed");
  const late = await room.bid(alice, { amount: 9_000 });
  expect(late).toMatchObject({ status: 409, body: { reason: "auction_closed" } });
  const { auction } = await expectEveryDoorAgrees(room);
  expect(auction).toMatchObject({ status: "closed", winner: null, remaining: 0, bidCount: 3 });
  expect(auction.orders).toMatchObject([
    { bidderId: alice, quantity: 1 },
    { bidderId: bob, quantity: 2, unitPrice: 4_000 },
    { bidderId: carol, quantity: 2, unitPrice: 4_000 },
  ]);
  expect(auction.orders[0]?.unitPrice).toBe(stale.body["unitPrice"]);

  const prices = pricesOf(room);
  expect(prices.at(-1)?.price).toBe(4_000);
  for (const { price, at } of prices)
    expect(at, "the price fell before its time").toBeGreaterThanOrEqual(
      startsAt + ((10_000 - price) / 2_000) * 600,
    );
  await room.leave();
});

test.concurrent("unsold, it stands at the floor for its grace and then closes by the tick (I4, I6)", async () => {
  const terms = dutchTerms({
    startPrice: 3_000,
    floorPrice: 1_500,
    stepAmount: 1_000,
    stepMs: 200,
    graceMs: 500,
  });
  const room = await openSaleroom(sharedStack(), terms);
  const endsAt = room.created.startsAt + 2 * 200 + 500;
  expect(room.created.endsAt).toBe(endsAt);
  await room.watcher.until((frame) => frame.type === "update" && frame.status === "closed");
  const late = await room.bid(alice, { amount: 3_000 });
  expect(late).toMatchObject({ status: 409, body: { reason: "auction_closed" } });
  const { auction } = await expectEveryDoorAgrees(room);
  expect(auction).toMatchObject({ status: "closed", price: 1_500, remaining: 1, orders: [] });
  expect(auction.happenings.at(-1)).toMatchObject({ type: "auction_closed", bidderId: null, figure: null });
  expect(auction.happenings.at(-1)?.at).toBeGreaterThanOrEqual(endsAt);
  expect(pricesOf(room).at(-1)?.price).toBe(1_500);
  await room.leave();
});

test.concurrent("a unit that is given up or not paid in time is for sale again, at the clock's price (I4)", async () => {
  const settlement = { payWithinMs: 1_500 };
  const room = await openSaleroom(sharedStack(), dutchTerms({ units: 2, settlement }));
  await room.bid(alice, { amount: 10_000 });
  const stranger = await room.settle(bidderNamed(bob), 1, "release");
  expect(stranger).toMatchObject({ status: 403, body: { reason: "not_permitted" } });
  const released = await room.settle(bidderNamed(alice), 1, "release");
  expect(released).toMatchObject({ status: 200, body: { outcome: "accepted" } });
  expect(await room.viewSince(released)).toMatchObject({ status: "open", remaining: 2 });
  const again = await room.bidLive(bob, { amount: 10_000, quantity: 2 });
  if (again.type !== "outcome") throw new Error("the bid was not decided");
  expect(again).toMatchObject({ outcome: "accepted", quantity: 2, unitPrice: 10_000 });
  expect(again.expiresAt).toBe(again.at + 1_500);
  // Both units were taken, so it is closed: what comes back now stays with the seller.
  expect(await room.viewSince(again)).toMatchObject({ status: "closed" });
  await until(
    () => room.read("/orders?status=expired", room.seller),
    ({ body }) => (body["orders"] as unknown[]).length === 1,
  );
  const { auction } = await expectEveryDoorAgrees(room);
  expect(auction).toMatchObject({ status: "closed", remaining: 2 });
  expect(auction.orders.map(({ status }) => status)).toEqual(["released", "expired"]);
  await room.leave();
});
