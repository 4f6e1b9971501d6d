import { expect } from "vitest";
import { auctionLiveSchema } from "../../../shared/auctions.ts";
import { bidderAliasFor, bidIdFor } from "../../../shared/ids.ts";
import type { ServerFrame } from "../../../shared/frames.ts";
import { orderSchema } from "../../../shared/orders.ts";
import { readLedger } from "../../support/ledger.ts";
import type { ReplayedOrder } from "../../support/replay.ts";
import { type Frame, openLive } from "../../support/client.ts";
import { expectLedgerMatches, expectToldMatches } from "../../support/verdict.ts";
import { orderEvents, storedOrders } from "./orders-stored.ts";
import type { Saleroom } from "./saleroom.ts";
import { toldEvents } from "./told-events.ts";
import { type Truth, truthOf } from "./truth.ts";
import { until } from "./until.ts";

/**
 * Once an auction is at rest, every door tells what an independent replay of its log says: GET, history, leaderboard,
 * orders, the shards, the feed, the order events, and what each bidder was told (I1–I4, I8, I9). Returns that truth.
 */
export async function expectEveryDoorAgrees(room: Saleroom): Promise<Truth> {
  const truth = await truthOf(room.stack, room.id);
  await expectViewAgrees(room, truth);
  await expectHistoryAgrees(room, truth);
  await expectShardsAgree(room, truth);
  await expectOrdersAgree(room, truth);
  await expectOrderEventsAgree(room, truth);
  await room.watcher.until((frame) => "version" in frame && frame.version >= truth.auction.version);
  expectFeedAgrees(room.watcher.frames, truth);
  await expectNewcomersAgree(room, truth);
  expectToldMatches(room.told, new Map([[room.id, truth.auction]]));
  return truth;
}

async function expectViewAgrees(room: Saleroom, { auction, aliasSalt }: Truth): Promise<void> {
  const alias = (bidderId: string): string => bidderAliasFor(aliasSalt, bidderId);
  const { status, version, endsAt, price, minimumBid, bidCount, leader } = auction;
  const view = await room.read(`?minVersion=${version}`);
  expect(view).toMatchObject({
    status: 200,
    body: {
      id: room.id,
      status,
      version,
      endsAt,
      price,
      minimumBid,
      bidCount,
      leader: leader === null ? null : alias(leader),
    },
  });
  const { reserveMet, remaining, waiting } = view.body;
  expect({ reserveMet, remaining, waiting }).toEqual({
    reserveMet: auction.reserveMet,
    remaining: auction.remaining,
    waiting: auction.waiting,
  });
  const board = await room.read(`/leaderboard?minVersion=${version}`);
  expect(board.body).toEqual({
    auctionId: room.id,
    version,
    leaderboard: auction.leaderboard.map(({ bidderId, amount, at }) => ({
      bidder: alias(bidderId),
      amount,
      at,
    })),
  });
}

/** Every decided bid once, newest first, and none that was only a retry. */
async function expectHistoryAgrees(room: Saleroom, { auction, aliasSalt }: Truth): Promise<void> {
  const shown: unknown[] = [];
  let cursor: string | undefined;
  do {
    const page = await room.read(`/bids?limit=200${cursor === undefined ? "" : `&cursor=${cursor}`}`);
    expect(page.status).toBe(200);
    shown.push(...(page.body["bids"] as unknown[]));
    cursor = page.body["nextCursor"] as string | undefined;
  } while (cursor !== undefined);
  const decided = auction.decisions.filter(
    ({ kind, outcome, reason }) =>
      kind === "bid" && outcome !== "duplicate" && reason !== "idempotency_key_reused",
  );
  expect(shown).toMatchObject(
    decided
      .map(({ actorId = "", key = "", outcome, reason, seq, index, at }) => ({
        bidId: bidIdFor(room.id, actorId, key),
        bidder: bidderAliasFor(aliasSalt, actorId),
        outcome,
        seq,
        index,
        at,
        ...(reason === undefined ? {} : { reason }),
      }))
      .reverse(),
  );
  expect(shown).toHaveLength(decided.length);
}

async function expectShardsAgree({ stack, id }: Saleroom, { auction }: Truth): Promise<void> {
  const { bids, auctions } = await readLedger(stack.info.shards);
  const mine = {
    bids: bids.filter(({ auctionId }) => auctionId === id),
    auctions: new Map([...auctions].filter(([auctionId]) => auctionId === id)),
  };
  expectLedgerMatches(mine, new Map([[id, auction]]));
}

/** The table and the seller's list hold the orders of the replay. */
async function expectOrdersAgree(room: Saleroom, { auction }: Truth): Promise<void> {
  const { orders } = await storedOrders(room.stack, room.id);
  expect(orders).toEqual(auction.orders.map(({ orderId: _orderId, ...order }) => order));
  const listed = await room.read("/orders?limit=200", room.seller);
  expect(listed.status).toBe(200);
  expect(orderSchema.array().parse(listed.body["orders"])).toMatchObject(
    [...auction.orders].reverse().slice(0, 200).map(orderShown),
  );
}

const orderShown = ({ orderId, bidderId, quantity, unitPrice, source, status }: ReplayedOrder): object => ({
  orderId,
  bidderId,
  quantity,
  unitPrice,
  source,
  status,
  amount: quantity * unitPrice,
});

/** Other systems hear of every change of an order exactly once, in the order of the log. */
async function expectOrderEventsAgree(room: Saleroom, { auction }: Truth): Promise<void> {
  await until(
    () => storedOrders(room.stack, room.id),
    ({ waiting }) => waiting === 0,
  );
  const events = await orderEvents(room.stack, room.id);
  const expected = auction.orders.flatMap(({ orderId, status }) =>
    status === "pending" ? [`${orderId}.pending`] : [`${orderId}.pending`, `${orderId}.${status}`],
  );
  expect(events.map(({ id }) => id).sort()).toEqual(expected.sort());
  for (const [place, event] of events.entries()) {
    const { id, type, at, seq, sellerId, order } = event;
    const truth = auction.orders.find(({ orderId }) => orderId === order.orderId);
    if (truth === undefined) throw new Error(`no order ${order.orderId}`);
    const status = type.slice("order.".length);
    expect(order).toMatchObject({ ...orderShown(truth), status, updatedAt: at, auctionId: room.id });
    expect({ sellerId, createdAt: order.createdAt, expiresAt: order.expiresAt }).toEqual({
      sellerId: room.seller.id,
      createdAt: truth.createdAt,
      expiresAt: truth.expiresAt,
    });
    expect(id).toBe(`${order.orderId}.${status}`);
    const before = events[place - 1];
    expect(seq).toBeGreaterThanOrEqual(before?.seq ?? 0);
    expect(at).toBeGreaterThanOrEqual(before?.at ?? 0);
    if (status !== "pending")
      expect(
        events.findIndex((other) => other.id === `${order.orderId}.pending`),
        `${id} came first`,
      ).toBeLessThan(place);
  }
  const placed = events.filter(({ type }) => type === "order.pending").map(({ order }) => order.orderId);
  expect(placed).toEqual(auction.orders.map(({ orderId }) => orderId));
}

/** Who comes now gets the auction as GET shows it; who knows a version gets everything after it, once. */
async function expectNewcomersAgree(room: Saleroom, truth: Truth): Promise<void> {
  const { version } = truth.auction;
  const newcomer = await openLive(room.edge, room.id);
  const snapshot = await newcomer.until((frame) => frame.type === "snapshot");
  const { body } = await room.read(`?minVersion=${version}`);
  expect(snapshot).toMatchObject({ version, auction: body });
  const returning = await openLive(room.edge, room.id, { since: 1 });
  await returning.until((frame) => "version" in frame && frame.version === version);
  expect(returning.frames[0]).toMatchObject({ type: "update", from: 1, events: expect.anything() });
  expectFeedAgrees(returning.frames, truth);
  await Promise.all([newcomer.close(), returning.close()]);
}

/** A watcher's ranges join without gap or overlap, tell what has happened, and end where the log ends (I3, I8). */
export function expectFeedAgrees(frames: readonly ServerFrame[], truth: Truth): void {
  const feed = frames.filter(
    (frame): frame is Frame<"update"> | Frame<"snapshot"> =>
      frame.type === "update" || frame.type === "snapshot",
  );
  const told = toldEvents(truth);
  let version: number | undefined;
  for (const frame of feed) {
    if (frame.type === "update") {
      expect(frame.from).toBe(version ?? frame.from);
      if (frame.events !== undefined)
        expect(frame.events).toMatchObject(told.slice(frame.from, frame.version));
    } else expect(version, "a snapshot in the middle of a feed").toBeUndefined();
    version = frame.version;
  }
  const { status, price, bidCount, endsAt, remaining, waiting, reserveMet, minimumBid } = truth.auction;
  const newest = feed.at(-1);
  const live = auctionLiveSchema.parse(newest?.type === "snapshot" ? newest.auction : newest);
  expect(live).toMatchObject({ version: truth.auction.version, status, price, bidCount, endsAt, minimumBid });
  expect([live.remaining, live.waiting, live.reserveMet]).toEqual([remaining, waiting, reserveMet]);
}
