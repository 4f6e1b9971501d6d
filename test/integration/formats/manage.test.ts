import { expect, test } from "vitest";
import { dropTerms, englishTerms, post, request, tokenFor } from "../../support/client.ts";
import { sharedStack } from "../../support/stack.ts";
import { expectEveryDoorAgrees } from "./expect-every-door.ts";
import { openSaleroom, type Saleroom, someone } from "./saleroom.ts";
import type { Truth } from "./truth.ts";

const alice = someone("alice");
const bob = someone("bob");
const carol = someone("carol");

/** Bodies of the management commands in the log, with the reasons that an audit will find there. */
const managed = ({ commands }: Truth): unknown[] =>
  commands.flatMap((command) => (command["type"] === "manage" ? [command["body"]] : []));

const eventsOf = ({ watcher }: Saleroom): object[] =>
  watcher.frames.flatMap((frame) => (frame.type === "update" ? (frame.events ?? []) : []));

const told = (room: Saleroom, version: unknown) =>
  room.watcher.until((frame) => frame.type === "update" && frame.version >= Number(version));

test.concurrent("an owner calls an auction off, with a reason that watchers and the log keep, and nobody wins (I4, I8)", async () => {
  const room = await openSaleroom(sharedStack(), englishTerms());
  await room.bid(alice, { amount: 1_000 });
  const reason = "the lot was damaged";
  const reply = await room.manage(room.seller, "cancel", { reason });
  expect(reply).toMatchObject({
    status: 200,
    body: { outcome: "accepted", auction: { id: room.id, status: "cancelled", leader: null } },
  });
  const frame = await told(room, reply.body["version"]);
  expect(frame).toMatchObject({ status: "cancelled", leader: null, minimumBid: null });
  expect(eventsOf(room).at(-1)).toMatchObject({ type: "cancelled", reason });
  for (const action of ["cancel", "end"]) {
    const again = await room.manage(room.operator, action);
    expect(again).toMatchObject({ status: 409, body: { reason: "auction_cancelled" } });
  }
  expect(await room.bid(bob, { amount: 2_000 })).toMatchObject({
    status: 409,
    body: { reason: "auction_cancelled" },
  });
  const truth = await expectEveryDoorAgrees(room);
  expect(truth.auction).toMatchObject({ status: "cancelled", winner: null, orders: [] });
  expect(managed(truth)[0]).toEqual({ action: "cancel", reason });
  await room.leave();
});

test.concurrent("the end may be changed before the first bid, and the auction may be ended early (I3, I8)", async () => {
  const room = await openSaleroom(sharedStack(), englishTerms());
  const endsAt = Date.now() + 7_200_000;
  const moved = await room.manage(room.seller, "change-end", { endsAt, reason: "a holiday" });
  expect(moved).toMatchObject({ status: 200, body: { auction: { endsAt, status: "open" } } });
  expect(await told(room, moved.body["version"])).toMatchObject({ endsAt });
  expect(eventsOf(room).at(-1)).toMatchObject({ type: "end_changed", endsAt, reason: "a holiday" });
  const iso = { endsAt: new Date(endsAt + 1_000).toISOString(), reason: "as text" };
  expect(await room.manage(room.operator, "change-end", iso)).toMatchObject({
    status: 200,
    body: { auction: { endsAt: endsAt + 1_000 } },
  });
  const past = await room.manage(room.seller, "change-end", { endsAt: Date.now() - 1_000, reason: "oops" });
  expect(past).toMatchObject({
    status: 422,
    body: { reason: "end_not_in_future", errors: [{ pointer: "/endsAt" }] },
  });
  await room.bid(alice, { amount: 1_000 });
  const late = await room.manage(room.seller, "change-end", { endsAt: endsAt + 5, reason: "too late" });
  expect(late).toMatchObject({ status: 409, body: { reason: "has_bids" } });

  const ended = await room.manage(room.seller, "end", { reason: "enough" });
  expect(ended).toMatchObject({ status: 200, body: { auction: { status: "closed", price: 1_000 } } });
  const again = await room.manage(room.seller, "cancel");
  expect(again).toMatchObject({ status: 409, body: { reason: "auction_closed" } });
  const truth = await expectEveryDoorAgrees(room);
  expect(truth.auction).toMatchObject({ status: "closed", winner: alice });
  expect(managed(truth)).toContainEqual({ action: "end", reason: "enough" });
  await room.leave();
});

test.concurrent("a scheduled auction opens by the tick, and not before (I6, I8)", async () => {
  const startsAt = Date.now() + 2_000;
  const terms = englishTerms({ startsAt, endsAt: startsAt + 3_600_000 });
  const room = await openSaleroom(sharedStack(), terms);
  expect(room.created).toMatchObject({ status: "scheduled", startsAt, minimumBid: 1_000 });
  const early = await room.bid(alice, { amount: 1_000 });
  expect(early).toMatchObject({ status: 409, body: { reason: "auction_not_started" } });
  const ended = await room.manage(room.seller, "end");
  expect(ended).toMatchObject({ status: 409, body: { reason: "auction_not_started" } });
  // Nobody bids: the clock alone opens it.
  const frame = await room.watcher.until((each) => each.type === "update" && each.status === "open");
  expect(frame.type === "update" && frame.now).toBeGreaterThanOrEqual(startsAt);
  expect(eventsOf(room)).toContainEqual(expect.objectContaining({ type: "opened" }));
  expect((await room.bidLive(bob, { amount: 1_000 })).type).toBe("outcome");
  await room.manage(room.operator, "cancel");
  const { auction } = await expectEveryDoorAgrees(room);
  expect(auction.happenings.map(({ type }) => type)).toEqual([
    "auction_created",
    "auction_opened",
    "bid_accepted",
    "auction_cancelled",
  ]);
  expect(auction.happenings[1]?.at).toBeGreaterThanOrEqual(startsAt);
  await room.leave();
});

test.concurrent("an operator withdraws a bidder's bids and blocks the bidder: the leader follows from what is left (I3, I4)", async () => {
  const room = await openSaleroom(sharedStack(), englishTerms());
  await room.bid(alice, { amount: 1_000 });
  await room.bidLive(bob, { maxAmount: 4_000 });
  const high = await room.bid(carol, { amount: 9_000 });
  expect(high.body).toMatchObject({ price: 9_000, leading: true });
  const reason = "the card was stolen";
  const bidId = String(high.body["bidId"]);
  const blocked = await room.manage(room.operator, "block", { bidId, reason });
  expect(blocked).toMatchObject({ status: 200, body: { outcome: "accepted", price: 9_000 } });
  const withdrawn = await room.manage(room.operator, `bids/${bidId}/retract`, { reason });
  expect(withdrawn).toMatchObject({ status: 200, body: { outcome: "accepted", price: 1_100 } });
  const frame = await told(room, withdrawn.body["version"]);
  expect(frame).toMatchObject({ price: 1_100, minimumBid: 1_200, status: "open" });
  expect(eventsOf(room).slice(-2)).toMatchObject([{ type: "administered" }, { type: "retracted", reason }]);
  // Why a bidder was blocked is nobody else's business.
  expect(JSON.stringify(eventsOf(room).at(-2))).not.toContain(reason);

  const twice = await room.manage(room.operator, `bids/${bidId}/retract`);
  expect(twice).toMatchObject({ status: 409, body: { reason: "no_such_standing_bid" } });
  const refused = await room.bidLive(carol, { amount: 9_500 });
  expect(refused).toMatchObject({ outcome: "rejected", reason: "bidder_blocked" });
  const overHttp = await room.bid(carol, { amount: 9_500 });
  expect(overHttp).toMatchObject({ status: 409, body: { reason: "bidder_blocked" } });
  const unblocked = await room.manage(room.operator, "unblock", { bidderId: carol, reason: "a mistake" });
  expect(unblocked.status).toBe(200);
  expect(await room.bid(carol, { amount: 1_200 })).toMatchObject({
    status: 201,
    body: { leading: false, price: 1_300 },
  });
  await room.manage(room.seller, "end");
  const truth = await expectEveryDoorAgrees(room);
  expect(truth.auction).toMatchObject({ winner: bob, price: 1_300 });
  expect(managed(truth)).toEqual(
    expect.arrayContaining([
      { action: "block", bidderId: carol, reason },
      { action: "retract", bidderId: carol, bidId, reason },
      { action: "unblock", bidderId: carol, reason: "a mistake" },
    ]),
  );
  await room.leave();
});

test.concurrent("a blocked bidder keeps what was bought and loses the place on the waitlist; a claim cannot be retracted (I5)", async () => {
  const room = await openSaleroom(sharedStack(), dropTerms({ units: 1, perBidder: 2 }));
  const bought = await room.bid(alice, {});
  await room.bid(alice, { waitlist: true });
  const behind = await room.bidLive(bob, { waitlist: true });
  expect(behind).toMatchObject({ waiting: 1, waitingBefore: 1 });
  const blocked = await room.manage(room.operator, "block", { bidderId: alice, reason: "a bot" });
  expect(await told(room, blocked.body["version"])).toMatchObject({ waiting: 1, remaining: 0 });
  const bidId = String(bought.body["bidId"]);
  const misfit = await room.manage(room.operator, `bids/${bidId}/retract`);
  expect(misfit).toMatchObject({ status: 409, body: { reason: "not_for_format" } });
  await room.settle(room.seller, 1, "release");
  const { auction } = await expectEveryDoorAgrees(room);
  expect(auction.orders).toMatchObject([
    { bidderId: alice, status: "released" },
    { bidderId: bob, status: "pending", source: "waitlist" },
  ]);
  await room.leave();
});

test.concurrent("a repeated key gets the first answer again, another body 422, and another actor's key is another one (I9)", async () => {
  const room = await openSaleroom(sharedStack(), englishTerms());
  const seller = await tokenFor(room.edge, room.seller.id, "seller");
  const operator = await tokenFor(room.edge, room.operator.id, "operator");
  const target = `/v1/auctions/${room.id}/change-end`;
  const body = { endsAt: Date.now() + 7_200_000, reason: "once" };
  const key = "change-1";
  const first = await post(room.edge, target, { token: seller, body, key });
  expect(first).toMatchObject({ status: 200, body: { key, outcome: "accepted" } });
  const { seq, index, version } = first.body;
  for (let i = 0; i < 2; i++) {
    const again = await post(room.edge, target, { token: seller, body, key });
    expect(again).toMatchObject({ status: 200, body: { seq, index, version, duplicate: true } });
  }
  const other = await post(room.edge, target, { token: seller, body: { ...body, reason: "twice" }, key });
  expect(other).toMatchObject({ status: 422, body: { reason: "idempotency_key_reused" } });
  const elsewhere = await post(room.edge, `/v1/auctions/${room.id}/cancel`, {
    token: seller,
    key,
    body: { reason: "another action is another body" },
  });
  expect(elsewhere).toMatchObject({ status: 422, body: { reason: "idempotency_key_reused" } });
  const others = await post(room.edge, target, { token: operator, body, key });
  expect(others).toMatchObject({ status: 200, body: { outcome: "accepted" } });
  expect(others.body).not.toHaveProperty("duplicate");
  const { auction } = await expectEveryDoorAgrees(room);
  expect(auction.happenings.filter(({ type }) => type === "end_changed")).toHaveLength(2);
  await room.leave();
});

test.concurrent("without a key a command is one of its own: what changes nothing is accepted again, what is done already is refused (I9)", async () => {
  const room = await openSaleroom(sharedStack(), englishTerms());
  const token = await tokenFor(room.edge, room.operator.id, "operator");
  const send = (action: string, body: object, headers: Record<string, string> = {}) =>
    request(room.edge, `/v1/auctions/${room.id}/${action}`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  const block = { bidderId: alice, reason: "a bot" };
  const first = await send("block", block);
  const second = await send("block", block);
  expect([first.status, second.status]).toEqual([200, 200]);
  expect(second.body["version"]).toBe(first.body["version"]);
  expect(second.body["key"]).not.toBe(first.body["key"]);
  // Whoever does not wait is told the key that was made, and finds the outcome by it; it may be there before the stream's word.
  const unblock = { bidderId: alice, reason: "no bot" };
  const queued = await send("unblock", unblock, { prefer: "respond-async" });
  const { status, body: pending } = queued;
  expect([status, pending["outcome"]]).toEqual(status === 202 ? [202, "pending"] : [200, "accepted"]);
  const key = String(queued.body["key"]);
  const found = await send("unblock", unblock, { "idempotency-key": key });
  expect(found).toMatchObject({
    status: 200,
    body: { key, outcome: "accepted", seq: queued.body["seq"], duplicate: true },
  });
  const cancel = { reason: "over" };
  expect((await send("cancel", cancel)).status).toBe(200);
  expect(await send("cancel", cancel)).toMatchObject({
    status: 409,
    body: { reason: "auction_cancelled" },
  });
  const { auction } = await expectEveryDoorAgrees(room);
  expect(auction.happenings.map(({ type }) => type)).toEqual([
    "auction_created",
    "bidder_blocked",
    "bidder_blocked",
    "auction_cancelled",
  ]);
  await room.leave();
});
