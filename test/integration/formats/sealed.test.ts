import { randomUUID } from "node:crypto";
import { jetstream } from "@nats-io/jetstream";
import { connect } from "nats";
import { expect, test } from "vitest";
import { bidderAliasFor, bidIdFor } from "../../../shared/ids.ts";
import { ownBidSchema, type OwnBid } from "../../../shared/queries.ts";
import { slotOf } from "../../../shared/slots.ts";
import { commandSubject } from "../../../shared/subjects.ts";
import { WIRE_VERSION } from "../../../shared/wire-version.ts";
import { type Reply, request, sealedTerms, tokenFor } from "../../support/client.ts";
import { sharedStack } from "../../support/stack.ts";
import { followEvents } from "./event-stream.ts";
import { expectEveryDoorAgrees } from "./expect-every-door.ts";
import { openSaleroom, type Saleroom, someone } from "./saleroom.ts";
import { saysAmount } from "./says-amount.ts";
import { otherPlaces } from "./sealed-doors.ts";
import { SLOTS } from "./truth.ts";
import { until, untilMoment } from "./until.ts";

const alice = someone("alice");
const bob = someone("bob");
const carol = someone("carol");
const dave = someone("dave");

/** An amount that no other test and no counter says by chance. */
const unlikely = (): number => 10_000_019 + Math.floor(Math.random() * 80_000_000);

/** What a bidder may know of the own bid, and nobody else. */
async function ownBid({ edge, id }: Saleroom, bidderId: string): Promise<OwnBid | undefined> {
  const token = await tokenFor(edge, bidderId, "bidder");
  const reply = await request(edge, "/v1/me/bids", { headers: { authorization: `Bearer ${token}` } });
  expect(reply.status).toBe(200);
  const bids = ownBidSchema.array().parse(reply.body["bids"]);
  return bids.find(({ auctionId }) => auctionId === id);
}

/** Every place that somebody else can look at, as text. */
async function everywhere(room: Saleroom, more: Record<string, string>): Promise<Map<string, string>> {
  const doors: [string, string][] = [
    ["", ""],
    ["with a version", "?minVersion=1"],
    ["history", "/bids"],
    ["leaderboard", "/leaderboard"],
  ];
  const places = await otherPlaces(room.stack, room.id);
  for (const [name, below] of doors) places.set(`GET ${name}`, JSON.stringify((await room.read(below)).body));
  const bids = room.told.map(({ bidderId, told: { key } }) => bidIdFor(room.id, bidderId, key));
  const found = await Promise.all(bids.map((bidId) => room.read(`/bids/${bidId}`)));
  places.set("GET each bid", JSON.stringify(found.map(({ body }) => body)));
  places.set("orders", JSON.stringify((await room.read("/orders", room.operator)).body));
  const list = await request(room.edge, "/v1/auctions?format=sealed&sort=newest&limit=200");
  places.set("list", JSON.stringify(list.body));
  places.set("feed", JSON.stringify(room.watcher.frames));
  for (const [name, text] of Object.entries(more)) places.set(name, text);
  return places;
}

test.concurrent("before the close no amount is told to anybody else, at any door and in any store (I10)", async () => {
  const amounts = Array.from({ length: 5 }, unlikely);
  const [first = 0, revised = 0, other = 0, reserve = 0, retracted = 0] = amounts;
  const terms = sealedTerms({ endsAt: Date.now() + 60_000, pricing: "second", reservePrice: reserve });
  const room = await openSaleroom(sharedStack(), terms);
  const events = await followEvents(room.edge.url, room.id);
  const replies: (Reply | object)[] = [room.created];
  replies.push(await room.bid(alice, { amount: first }));
  replies.push(await room.bidLive(bob, { amount: other }));
  replies.push(await room.bid(alice, { amount: revised }));
  const misfit = await room.bid(carol, { maxAmount: retracted });
  expect(misfit).toMatchObject({ status: 422, body: { reason: "bid_not_for_format", field: "/maxAmount" } });
  const key = "the-same-key";
  const kept = await room.bid(carol, { amount: retracted }, key);
  const reused = await room.bid(carol, { amount: first }, key);
  expect(reused).toMatchObject({ status: 422, body: { reason: "idempotency_key_reused" } });
  const bidId = String(kept.body["bidId"]);
  const withdrawn = await room.manage(room.operator, `bids/${bidId}/retract`);
  expect(withdrawn).toMatchObject({ status: 200, body: { outcome: "accepted" } });
  replies.push(misfit, kept, reused, withdrawn, await room.read(`/bids/${bidId}`));
  const told = Number(withdrawn.body["version"]);
  await room.watcher.until((frame) => "version" in frame && frame.version >= told);
  await until(
    () => events.text(),
    (text) => text.includes(`"version":${told}`),
  );
  // The read model is written behind the commit; it must have what it would show.
  await until(
    () => room.read(),
    ({ body }) => body["version"] === told,
  );

  const places = await everywhere(room, {
    "server-sent events": events.text(),
    outcomes: JSON.stringify(replies.map((reply) => ("body" in reply ? reply.body : reply))),
    "bob's socket": JSON.stringify((await room.socketOf(bob)).frames),
  });
  const content = { RESULTS: room.id, Redis: room.id, feed: `"version"`, "metrics of core 0": "lastcall_" };
  for (const [name, part] of Object.entries({ ...content, "server-sent events": `"bid"` }))
    expect(places.get(name), `${name} is empty`).toContain(part);
  const leaks = [...places].flatMap(([name, text]) =>
    amounts.filter((amount) => saysAmount(text, amount)).map((amount) => ({ name, amount })),
  );
  expect(leaks).toEqual([]);
  expect(await room.viewSince(withdrawn)).toMatchObject({ price: null, leader: null, bidCount: 4 });
  expect(await ownBid(room, alice)).toMatchObject({ amount: revised, price: null, status: "open" });
  expect(await ownBid(room, bob)).toMatchObject({ amount: other });
  expect(await ownBid(room, carol)).toMatchObject({ amount: null });
  expect(await ownBid(room, dave)).toBeUndefined();

  // Called off, it never closes, and so nothing is ever revealed.
  await room.manage(room.seller, "cancel");
  await events.stop();
  const { commands } = await expectEveryDoorAgrees(room);
  const { body } = await room.read("/bids");
  expect((body["bids"] as { amount: number | null }[]).map(({ amount }) => amount)).toEqual(
    Array.from({ length: 5 }, () => null),
  );
  // The search is one that finds: in the log itself all of them stand.
  const log = JSON.stringify(commands);
  expect(amounts.filter((amount) => saysAmount(log, amount))).toEqual(amounts);
  await room.leave();
});

test.concurrent("at the end the first price reveals all, a revision has taken a new place, and the winner pays the own bid (I4, I6, I10)", async () => {
  const room = await openSaleroom(sharedStack(), sealedTerms());
  await room.socketOf(bob);
  const endsAt = Date.now() + 2_500;
  const soon = await room.manage(room.seller, "change-end", { endsAt, reason: "nobody has time" });
  expect(soon.status).toBe(200);
  await room.bid(alice, { amount: 7_000 });
  await room.bidLive(bob, { amount: 9_000 });
  await room.bid(carol, { amount: 9_000 });
  // The same amount again is later than carol's.
  const again = await room.bidLive(bob, { amount: 9_000 });
  expect(again).toMatchObject({ outcome: "accepted", price: null });
  expect(again).not.toHaveProperty("leading");
  await untilMoment(endsAt);
  const late = await room.bid(alice, { amount: 10_000 });
  expect(late).toMatchObject({ status: 409, body: { reason: "auction_closed" } });
  await room.watcher.until((frame) => frame.type === "update" && frame.status === "closed");

  const { auction, aliasSalt } = await expectEveryDoorAgrees(room);
  expect(auction).toMatchObject({ winner: carol, price: 9_000, bidCount: 4 });
  expect(auction.orders).toMatchObject([{ bidderId: carol, unitPrice: 9_000, source: "close" }]);
  const board = await room.read(`/leaderboard?minVersion=${auction.version}`);
  expect(board.body["leaderboard"]).toMatchObject(
    [
      [carol, 9_000],
      [bob, 9_000],
      [alice, 7_000],
    ].map(([bidderId, amount]) => ({ bidder: bidderAliasFor(aliasSalt, String(bidderId)), amount })),
  );
  const { body } = await room.read("/bids");
  const accepted = (body["bids"] as { outcome: string; amount: number }[]).filter(
    ({ outcome }) => outcome === "accepted",
  );
  expect(accepted.map(({ amount }) => amount)).toEqual([9_000, 9_000, 9_000, 7_000]);
  expect(await ownBid(room, carol)).toMatchObject({ status: "closed", price: 9_000, amount: 9_000 });
  await room.leave();
});

test.concurrent("by the second price the winner pays the next bid, and the runner-up's second chance is as if the winner had never bid (I4)", async () => {
  const settlement = { payWithinMs: 3_600_000 };
  const terms = sealedTerms({ pricing: "second", reservePrice: 4_000, settlement });
  const room = await openSaleroom(sharedStack(), terms);
  await room.bid(alice, { amount: 5_000 });
  await room.bidLive(bob, { amount: 9_000 });
  await room.bid(carol, { amount: 3_000 });
  await room.manage(room.operator, "end");
  const { body: sold } = await room.read("/orders", room.seller);
  expect(sold["orders"]).toMatchObject([{ bidderId: bob, unitPrice: 5_000, status: "pending" }]);
  await room.settle(room.operator, 1, "expire");
  const offered = await room.settle(room.seller, 1, "second-chance");
  expect(offered).toMatchObject({ status: 200, body: { orderId: room.orderId(2) } });
  // Alice alone is above the reserve, which is then the price.
  const { body: next } = await room.read("/orders?status=pending", room.seller);
  expect(next["orders"]).toMatchObject([{ bidderId: alice, unitPrice: 4_000, source: "second_chance" }]);
  await room.settle(room.seller, 2, "release");
  const nobody = await room.settle(room.seller, 2, "second-chance");
  expect(nobody).toMatchObject({ status: 409, body: { reason: "no_runner_up" } });
  const { auction } = await expectEveryDoorAgrees(room);
  expect(auction.orders.map(({ status }) => status)).toEqual(["expired", "released"]);
  await room.leave();
});

test.concurrent("below the reserve nobody wins, and a sole bidder by the second price pays the least there is (I4)", async () => {
  const unsold = await openSaleroom(sharedStack(), sealedTerms({ reservePrice: 6_000 }));
  await unsold.bid(alice, { amount: 5_999 });
  await unsold.manage(unsold.seller, "end");
  const { auction: none } = await expectEveryDoorAgrees(unsold);
  expect(none).toMatchObject({ status: "closed", winner: null, price: null, orders: [] });
  await unsold.leave();

  const lone = await openSaleroom(sharedStack(), sealedTerms({ pricing: "second" }));
  await lone.bid(alice, { amount: 5_999 });
  await lone.manage(lone.seller, "end");
  const { auction: one } = await expectEveryDoorAgrees(lone);
  expect(one).toMatchObject({ winner: alice, price: 1 });
  await lone.leave();
});

test.concurrent("a message that cannot be read tells no more of the bids beside it, where operators look (I10)", async () => {
  const [amount, unread] = [unlikely(), unlikely()];
  const room = await openSaleroom(sharedStack(), sealedTerms());
  const bid = { type: "bid", bidderId: alice, key: "beside", body: { amount } };
  const commands = [bid, { ...bid, key: "unread", body: { amount: unread, colour: "red" } }];
  const envelope = { v: WIRE_VERSION, id: randomUUID(), origin: "", commands };
  const nc = await connect({ servers: room.stack.info.nats });
  const subject = commandSubject(slotOf(room.id, SLOTS), room.id);
  await jetstream(nc).publish(subject, JSON.stringify(envelope));
  await jetstream(nc).publish(subject, JSON.stringify(envelope).slice(0, -9));
  await nc.close();
  await room.bid(bob, { amount: 1_000 });
  const places = await otherPlaces(room.stack, room.id);
  expect([...places.values()].join(), "nothing was parked").toContain("unreadable_command");
  for (const [name, text] of places)
    for (const secret of [amount, unread])
      expect(saysAmount(text, secret), `${name} says a sealed amount`).toBe(false);
  await room.manage(room.seller, "end");
  const { auction } = await expectEveryDoorAgrees(room);
  expect(auction).toMatchObject({ winner: alice, price: amount, bidCount: 2 });
  await room.leave();
});
