import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { dropTerms } from "../../support/client.ts";
import { sharedStack } from "../../support/stack.ts";
import { expectEveryDoorAgrees } from "./expect-every-door.ts";
import { bidderNamed, openSaleroom, type Saleroom, someone } from "./saleroom.ts";
import { until } from "./until.ts";

const alice = someone("alice");
const bob = someone("bob");
const carol = someone("carol");
const dave = someone("dave");

const UNITS = 70;
const BIDDERS = 50;
const LIMIT = 2;

/** Waits until an order of this number has this status, by whatever the clock or somebody does. */
async function untilOrder(room: Saleroom, number: number, status: string): Promise<void> {
  await until(
    async () => (await room.read(`/orders?status=${status}`, room.seller)).body["orders"],
    (orders) => (orders as { orderId: string }[]).some(({ orderId }) => orderId === room.orderId(number)),
  );
}

/** Four claims of one bidder at the same moment: two by each door, each with a key of its own. */
function claimAll(room: Saleroom, bidderId: string): Promise<unknown>[] {
  return [
    room.bid(bidderId, {}),
    room.bidLive(bidderId, { quantity: 1 }),
    room.bid(bidderId, { quantity: 1 }),
    room.bidLive(bidderId, {}),
  ];
}

test("of a rush over HTTP and WebSocket at once exactly the units there are get sold, and to nobody too many (I1, I4, I5)", async () => {
  const room = await openSaleroom(sharedStack(), dropTerms({ units: UNITS, perBidder: LIMIT }));
  const bidders = Array.from({ length: BIDDERS }, (_, i) => someone(`rush-${i}`));
  await Promise.all(bidders.map((bidderId) => room.socketOf(bidderId)));
  await Promise.all(bidders.flatMap((bidderId) => claimAll(room, bidderId)));

  expect(room.told).toHaveLength(4 * BIDDERS);
  const outcomes = Map.groupBy(room.told, ({ told }) => told.reason ?? told.outcome);
  expect(outcomes.get("accepted")).toHaveLength(UNITS);
  expect([...outcomes.keys()].sort()).toEqual(["accepted", "limit_reached", "sold_out"]);
  const { auction } = await expectEveryDoorAgrees(room);
  expect(auction).toMatchObject({ remaining: 0, bidCount: UNITS });
  const units = Map.groupBy(auction.orders, ({ bidderId }) => bidderId);
  for (const [bidderId, orders] of units)
    expect(orders.length, `${bidderId} has too many`).toBeLessThanOrEqual(LIMIT);
  await room.leave();
});

test("one key that is sent many times at once over both doors buys once, with one answer (I1, I5, I9)", async () => {
  const room = await openSaleroom(sharedStack(), dropTerms({ perBidder: 3 }));
  const key = randomUUID();
  await room.socketOf(alice);
  const over = Array.from({ length: 6 }, () => room.bid(alice, { quantity: 2 }, key));
  const live = room.bidLive(alice, { quantity: 2 }, key);
  for (const reply of await Promise.all(over))
    expect(reply).toMatchObject({ status: 201, body: { orderId: room.orderId(1), quantity: 2 } });
  expect(await live).toMatchObject({ outcome: "accepted", orderId: room.orderId(1) });
  const other = await room.bid(alice, { quantity: 1 }, key);
  expect(other).toMatchObject({ status: 422, body: { reason: "idempotency_key_reused" } });
  const places = room.told.map(({ told }) => `${told.seq}/${told.index}/${told.version}`);
  expect(new Set(places).size).toBe(1);
  const { auction } = await expectEveryDoorAgrees(room);
  expect(auction.orders).toMatchObject([{ bidderId: alice, quantity: 2 }]);
  expect(auction.remaining).toBe(1);
  await room.leave();
});

test.concurrent("what is asked for is there or is not: no partial fill unless it is wanted, and what is sold out has a waitlist (I5, I12)", async () => {
  const room = await openSaleroom(sharedStack(), dropTerms({ units: 3, perBidder: 4 }));
  const two = await room.bid(alice, { quantity: 2 });
  expect(two).toMatchObject({
    status: 201,
    body: { orderId: room.orderId(1), quantity: 2, unitPrice: 2_500, price: 2_500 },
  });
  expect(two.body).not.toHaveProperty("expiresAt");
  const many = await room.bid(bob, { quantity: 2 });
  expect(many).toMatchObject({ status: 409, body: { reason: "not_enough_units", remaining: 1 } });
  expect(await room.viewSince(many)).toMatchObject({ remaining: 1 });
  const rest = await room.bidLive(bob, { quantity: 2, partial: true });
  expect(rest).toMatchObject({ outcome: "accepted", quantity: 1, orderId: room.orderId(2) });
  const none = await room.bidLive(carol, {});
  expect(none).toMatchObject({ outcome: "rejected", reason: "sold_out", waitlist: true });
  const over = await room.bid(alice, { quantity: 3, waitlist: true });
  expect(over).toMatchObject({ status: 409, body: { reason: "limit_reached", limit: 4 } });
  const priced = await room.bid(dave, { amount: 2_500 });
  expect(priced).toMatchObject({ status: 422, body: { errors: [{ pointer: "/amount" }] } });
  const own = await room.bid(room.seller.id, {});
  expect(own).toMatchObject({ status: 409, body: { reason: "self_bid" } });
  const { auction } = await expectEveryDoorAgrees(room);
  expect(auction).toMatchObject({ status: "open", remaining: 0, waiting: 0, bidCount: 2 });
  await room.leave();
});

test.concurrent("a hold that is not paid expires by the clock, and its units go down the waitlist (I2, I5)", async () => {
  const room = await openSaleroom(sharedStack(), dropTerms({ units: 1, holdMs: 600 }));
  const held = await room.bid(alice, {});
  expect(held.body["expiresAt"]).toBe(Number(held.body["at"]) + 600);
  // Both ask while alice holds it, or after: who comes first is next either way.
  const waiting = await room.bidLive(bob, { waitlist: true });
  const behind = await room.bid(carol, { waitlist: true });
  expect([waiting, behind.body]).toMatchObject([{ outcome: "accepted" }, { outcome: "accepted" }]);
  await untilOrder(room, 3, "expired");
  const { auction } = await expectEveryDoorAgrees(room);
  expect(auction).toMatchObject({ status: "open", remaining: 1, waiting: 0 });
  expect(auction.orders.map(({ bidderId, status }) => [bidderId, status])).toEqual([
    [alice, "expired"],
    [bob, "expired"],
    [carol, "expired"],
  ]);
  const [first, second] = auction.orders;
  expect(second?.createdAt).toBeGreaterThanOrEqual((first?.createdAt ?? 0) + 600);
  // Whoever let a hold pass may claim again.
  expect(await room.bid(alice, {})).toMatchObject({ status: 201, body: { orderId: room.orderId(4) } });
  await untilOrder(room, 4, "expired");
  await room.leave();
});

test.concurrent("a unit that its buyer gives up goes to the first who waits, one that is paid for stays, and the end does not end the waiting (I5, I8)", async () => {
  const room = await openSaleroom(sharedStack(), dropTerms({ units: 2, perBidder: 3 }));
  await room.bid(alice, {});
  await room.bid(bob, {});
  const waiting = await room.bidLive(carol, { quantity: 2, waitlist: true });
  expect(waiting).toMatchObject({ outcome: "accepted", waiting: 2, waitingBefore: 0 });
  const behind = await room.bid(dave, { waitlist: true });
  expect(behind).toMatchObject({ status: 201, body: { waiting: 1, waitingBefore: 2 } });
  expect(behind.body).not.toHaveProperty("orderId");
  expect(await room.viewSince(behind)).toMatchObject({ remaining: 0, waiting: 3 });

  expect((await room.settle(room.seller, 1, "confirm")).status).toBe(200);
  const paid = await room.settle(bidderNamed(alice), 1, "release");
  expect(paid).toMatchObject({ status: 409, body: { reason: "order_not_pending" } });
  const released = await room.settle(bidderNamed(bob), 2, "release", {});
  expect(released).toMatchObject({ status: 200, body: { outcome: "accepted" } });
  const frame = await room.watcher.until(
    (each) => each.type === "update" && each.version >= Number(released.body["version"]),
  );
  expect(frame).toMatchObject({ remaining: 0, waiting: 2 });

  expect((await room.manage(room.seller, "end")).status).toBe(200);
  const late = await room.bid(bob, { waitlist: true });
  expect(late).toMatchObject({ status: 409, body: { reason: "auction_closed" } });
  await room.settle(room.operator, 3, "release");
  await room.settle(room.operator, 4, "release");
  const { auction } = await expectEveryDoorAgrees(room);
  expect(auction).toMatchObject({ status: "closed", remaining: 0, waiting: 0 });
  expect(auction.orders.map(({ bidderId, status, source }) => [bidderId, source, status])).toEqual([
    [alice, "bid", "confirmed"],
    [bob, "bid", "released"],
    [carol, "waitlist", "released"],
    [carol, "waitlist", "released"],
    [dave, "waitlist", "pending"],
  ]);
  await room.leave();
});

test.concurrent("a cancelled drop releases what is held and forgets who waits; what is paid stays sold (I4, I5)", async () => {
  const room = await openSaleroom(sharedStack(), dropTerms({ units: 2 }));
  await room.bid(alice, {});
  await room.bidLive(bob, {});
  await room.bid(carol, { waitlist: true });
  await room.settle(room.operator, 1, "confirm");
  expect((await room.manage(room.seller, "cancel")).status).toBe(200);
  const frame = await room.watcher.until((each) => each.type === "update" && each.status === "cancelled");
  expect(frame).toMatchObject({ waiting: 0 });
  const late = await room.bidLive(dave, {});
  expect(late).toMatchObject({ reason: "auction_cancelled" });
  const { auction } = await expectEveryDoorAgrees(room);
  expect(auction.orders.map(({ status }) => status)).toEqual(["confirmed", "released"]);
  expect(auction).toMatchObject({ status: "cancelled", remaining: 1, waiting: 0 });
  await room.leave();
});
