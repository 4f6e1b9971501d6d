import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import postgres from "postgres";
import { expect, test } from "vitest";
import type { BidBody } from "../../../shared/bids.ts";
import { auctionIdFor } from "../../../shared/ids.ts";
import { slotOf } from "../../../shared/slots.ts";
import type { CreateAuction } from "../../../shared/terms.ts";
import {
  dropTerms,
  dutchTerms,
  englishTerms,
  openLive,
  type Reply,
  sealedTerms,
} from "../../support/client.ts";
import { useStack } from "../../support/stack.ts";
import { expectToldMatches } from "../../support/verdict.ts";
import { expectEveryDoorAgrees, expectFeedAgrees } from "./expect-every-door.ts";
import { orderEvents, storedOrders } from "./orders-stored.ts";
import { openSaleroom, type Saleroom, someone } from "./saleroom.ts";
import { saysAmount } from "./says-amount.ts";
import { otherPlaces } from "./sealed-doors.ts";
import { SLOTS, truthOf } from "./truth.ts";
import { until } from "./until.ts";

const alice = someone("alice");
const bob = someone("bob");
const carol = someone("carol");
const dave = someone("dave");
const erin = someone("erin");

const HOLD_MS = 2_000;
/** Sealed bids that no counter says by chance. */
const HIGHEST = 95_000_959;
const SECOND = 90_000_919;
/** Six steps and a grace: it falls while the core dies, and closes under the next one. */
const DESCENT = { startPrice: 10_000, floorPrice: 4_000, stepAmount: 1_000, stepMs: 700 };
const RUSH_UNITS = 60;
const RUSH_BIDDERS = 90;

const stack = useStack({ cores: 2, onDeath: () => {} });

/** The slots that a core sequences now. */
async function slotsOf(instance: string): Promise<Set<number>> {
  const owned: number[] = [];
  for (const url of stack().info.shards) {
    const sql = postgres(url, { max: 1 });
    const rows = await sql<{ slot: number }[]>`
      select slot from slots where owner = ${instance} and role = 'active'`;
    owned.push(...rows.map(({ slot }) => slot));
    await sql.end();
  }
  return new Set(owned);
}

/** Opens an auction in a slot of the core that is going to die. */
async function openOn(slots: ReadonlySet<number>, terms: CreateAuction): Promise<Saleroom> {
  const seller = someone("seller");
  let key = randomUUID();
  while (!slots.has(slotOf(auctionIdFor(seller, key), SLOTS))) key = randomUUID();
  return openSaleroom(stack(), terms, { seller, key });
}

/** Bids with one key until the log has decided, as a client does that wants to know; no answer at all is no reason to stop. */
async function insist(
  room: Saleroom,
  bidderId: string,
  body: BidBody,
  key: string = randomUUID(),
): Promise<Reply> {
  const reply = await until(
    () => room.bid(bidderId, body, key).catch(() => undefined),
    (answer) => answer?.status === 201 || answer?.status === 409,
  );
  if (reply === undefined) throw new Error("it never came to that");
  return reply;
}

/** Every bidder claims once, each over one of the doors; `kill` is called when the first outcome has come. */
async function rush(room: Saleroom, kill: () => Promise<void> | undefined): Promise<void> {
  const bidders = Array.from({ length: RUSH_BIDDERS }, (_, i) => someone(`rush-${i}`));
  await Promise.all(bidders.slice(0, RUSH_BIDDERS / 3).map((bidderId) => room.socketOf(bidderId)));
  const claims = bidders.map((bidderId, i) =>
    i < RUSH_BIDDERS / 3 ? room.bidLive(bidderId, {}) : insist(room, bidderId, {}),
  );
  await Promise.race(claims);
  await kill();
  expect(room.told.length, "nobody waited when the core died").toBeLessThan(RUSH_BIDDERS);
  await Promise.all(claims);
}

const atRest = (room: Saleroom) =>
  until(
    async () => (await room.read("/orders?status=pending", room.seller)).body["orders"],
    (orders) => Array.isArray(orders) && orders.length === 0,
  );

/** It is never the truth: whoever reads finds everything without it. */
async function wipeRedis(): Promise<void> {
  const redis = new Redis(stack().info.redis);
  await redis.flushall();
  redis.disconnect();
}

test("a core is killed amid holds, a waitlist, sealed bids, secret maxima and a falling price, and Redis is wiped; the successor knows all of it (I1, I4, I5, I7, I9, I10)", async () => {
  const [dying] = stack().core;
  const slots = await slotsOf(dying?.instance ?? "");
  const drop = await openOn(slots, dropTerms({ units: 5, perBidder: 2, holdMs: HOLD_MS }));
  const crowd = await openOn(slots, dropTerms({ units: RUSH_UNITS }));
  const sealed = await openOn(slots, sealedTerms({ pricing: "second", reservePrice: 40_000_417 }));
  const proxy = await openOn(slots, englishTerms());
  const falling = await openOn(slots, dutchTerms({ ...DESCENT, units: 2 }));

  const key = randomUUID();
  const first = await drop.bid(alice, { quantity: 2 }, key);
  await drop.settle(drop.seller, 1, "confirm");
  await drop.bid(bob, { quantity: 2 });
  await drop.bidLive(carol, {});
  await drop.bid(dave, { quantity: 2, waitlist: true });
  await drop.bidLive(erin, { waitlist: true });
  await sealed.bid(alice, { amount: 70_000_717 });
  await sealed.bid(bob, { amount: SECOND });
  await sealed.bidLive(alice, { amount: HIGHEST });
  await proxy.bid(alice, { maxAmount: 50_000 });
  await proxy.bidLive(bob, { amount: 5_000 });

  const bought = await falling.bid(carol, { amount: 10_000 });
  await rush(crowd, () => dying?.kill("SIGKILL"));
  await wipeRedis();

  const again = await insist(drop, alice, { quantity: 2 }, key);
  const { seq, index, orderId } = first.body;
  expect(again).toMatchObject({ status: 201, body: { seq, index, orderId, duplicate: true } });
  const over = await insist(drop, alice, {});
  expect(over).toMatchObject({ status: 409, body: { reason: "limit_reached", limit: 2 } });
  const beaten = await insist(proxy, carol, { amount: 20_000 });
  expect(beaten).toMatchObject({ status: 201, body: { leading: false, price: 20_100 } });
  expect((await insist(proxy, alice, { maxAmount: 50_000 })).body).toMatchObject({
    reason: "maximum_not_raised",
  });
  expect((await insist(sealed, carol, { amount: 50_000_517 })).status).toBe(201);
  for (const [place, text] of await otherPlaces(stack(), sealed.id))
    for (const amount of [HIGHEST, SECOND])
      expect(saysAmount(text, amount), `${place} says a sealed amount`).toBe(false);
  for (const room of [sealed, proxy]) expect((await room.manage(room.seller, "end")).status).toBe(200);
  await expectAllKept({ drop, crowd, sealed, proxy });
  await falling.watcher.until((frame) => frame.type === "update" && frame.status === "closed");
  const { auction } = await expectEveryDoorAgrees(falling);
  expect(auction).toMatchObject({ price: 4_000, remaining: 1 });
  expect(auction.orders).toMatchObject([{ bidderId: carol, unitPrice: bought.body["unitPrice"] }]);
  for (const room of [drop, crowd, sealed, proxy, falling]) await room.leave();
});

async function expectAllKept(rooms: Record<"drop" | "crowd" | "sealed" | "proxy", Saleroom>): Promise<void> {
  await atRest(rooms.drop);
  const { auction: dropped } = await expectEveryDoorAgrees(rooms.drop);
  expect(dropped.orders.map(({ bidderId, quantity, status }) => [bidderId, quantity, status])).toEqual([
    [alice, 2, "confirmed"],
    [bob, 2, "expired"],
    [carol, 1, "expired"],
    [dave, 2, "expired"],
    [erin, 1, "expired"],
  ]);
  expect(dropped).toMatchObject({ remaining: 3, waiting: 0 });

  const { auction: crowded } = await expectEveryDoorAgrees(rooms.crowd);
  expect(rooms.crowd.told).toHaveLength(RUSH_BIDDERS);
  expect(crowded.orders).toHaveLength(RUSH_UNITS);
  expect(new Set(crowded.orders.map(({ bidderId }) => bidderId)).size).toBe(RUSH_UNITS);
  expect(crowded.remaining).toBe(0);

  const { auction: opened } = await expectEveryDoorAgrees(rooms.sealed);
  expect(opened).toMatchObject({ winner: alice, price: SECOND, bidCount: 4 });
  const { auction: raised } = await expectEveryDoorAgrees(rooms.proxy);
  expect(raised).toMatchObject({ winner: alice, price: 20_100 });
}

test("the edge is killed amid a rush; whoever asks again with the same key gets the one outcome, and watchers come back without a gap (I1, I5, I8, I9)", async () => {
  const room = await openSaleroom(stack(), dropTerms({ units: RUSH_UNITS }));
  const bidders = Array.from({ length: RUSH_BIDDERS }, (_, i) => someone(`again-${i}`));
  const claims = bidders.map((bidderId) => insist(room, bidderId, {}));
  await Promise.race(claims);
  await stack().edge?.kill("SIGKILL");
  expect(room.told.length, "nobody waited when the edge died").toBeLessThan(RUSH_BIDDERS);
  await room.watcher.closed;
  await stack().edge?.start();
  await Promise.all(claims);

  const known = room.watcher.frames.findLast((frame) => "version" in frame)?.version ?? 0;
  const back = await openLive(room.edge, room.id, { since: known });
  const truth = await truthOf(stack(), room.id);
  await back.until((frame) => "version" in frame && frame.version === truth.auction.version);
  expectFeedAgrees([...room.watcher.frames, ...back.frames], truth);
  await back.close();
  expect(room.told).toHaveLength(RUSH_BIDDERS);
  expect(truth.auction).toMatchObject({ remaining: 0, bidCount: RUSH_UNITS });
  expectToldMatches(room.told, new Map([[room.id, truth.auction]]));
  await expectOrdersLeftOnce(room);
});

async function expectOrdersLeftOnce({ id }: Saleroom): Promise<void> {
  await until(
    () => storedOrders(stack(), id),
    ({ waiting }) => waiting === 0,
  );
  const events = await orderEvents(stack(), id);
  expect(events.map((event) => event.id)).toEqual(
    Array.from({ length: RUSH_UNITS }, (_, i) => `${id}-${i + 1}.pending`),
  );
}
