import { expect, test } from "vitest";
import { orderSchema, type Order } from "../../../shared/orders.ts";
import { ownBidSchema, type OwnBid } from "../../../shared/queries.ts";
import {
  dropTerms,
  dutchTerms,
  englishTerms,
  type Reply,
  request,
  sealedTerms,
  tokenFor,
} from "../../support/client.ts";
import { sharedStack } from "../../support/stack.ts";
import { type Actor, bidderNamed, openSaleroom, type Saleroom, someone } from "./saleroom.ts";

const alice = someone("alice");
const bob = someone("bob");
const stranger = bidderNamed(someone("stranger"));

async function mine({ edge }: Saleroom, list: string, { id, role }: Actor): Promise<Reply> {
  const headers = { authorization: `Bearer ${await tokenFor(edge, id, role)}` };
  return request(edge, `/v1/me/${list}`, { headers });
}

/** All pages of a list of one's own, each of `limit` lines. */
async function pages<T>(room: Saleroom, list: "bids" | "orders", who: Actor, limit: number): Promise<T[][]> {
  const read: T[][] = [];
  let cursor: string | undefined;
  do {
    const query = `?limit=${limit}${cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`}`;
    const reply = await mine(room, `${list}${query}`, who);
    expect(reply.status).toBe(200);
    read.push(reply.body[list] as T[]);
    cursor = reply.body["nextCursor"] as string | undefined;
  } while (cursor !== undefined);
  return read;
}

/** Alice bids in all four formats, one after the other, and bob beside her. */
async function fourRooms(): Promise<Saleroom[]> {
  const stack = sharedStack();
  const english = await openSaleroom(stack, englishTerms({ title: "english" }));
  const sealed = await openSaleroom(stack, sealedTerms({ title: "sealed", pricing: "second" }));
  const drop = await openSaleroom(stack, dropTerms({ title: "drop", units: 1, perBidder: 2 }));
  const dutch = await openSaleroom(stack, dutchTerms({ title: "dutch", units: 3 }));
  await english.bid(alice, { maxAmount: 8_000 });
  await english.bid(bob, { amount: 2_000 });
  await sealed.bid(alice, { amount: 6_000 });
  await sealed.bid(bob, { amount: 5_000 });
  await drop.bid(bob, {});
  await drop.bid(alice, { quantity: 2, waitlist: true });
  await dutch.bid(alice, { amount: 10_000, quantity: 2 });
  return [english, sealed, drop, dutch];
}

test("bidders find their own bids and orders over all auctions, newest first, and nobody else's (I8, I10)", async () => {
  const [english, sealed, drop, dutch] = await fourRooms();
  if (!english || !sealed || !drop || !dutch) throw new Error("a room is missing");
  const bids = (await pages<OwnBid>(english, "bids", bidderNamed(alice), 3)).map((page) =>
    ownBidSchema.array().parse(page),
  );
  expect(bids.map((page) => page.length)).toEqual([3, 1]);
  const common = { status: "open", currency: "EUR" };
  expect(bids.flat()).toMatchObject([
    { ...common, auctionId: dutch.id, format: "dutch", units: 2, price: 10_000, amount: null },
    { ...common, auctionId: drop.id, format: "drop", units: 0, waiting: 2, price: 2_500, amount: null },
    { ...common, auctionId: sealed.id, format: "sealed", amount: 6_000, price: null },
    { ...common, auctionId: english.id, format: "english", amount: 8_000, price: 2_100, leading: true },
  ]);
  const bobs = ownBidSchema.array().parse((await mine(drop, "bids", bidderNamed(bob))).body["bids"]);
  expect(bobs).toMatchObject([
    { auctionId: drop.id, units: 1, waiting: 0 },
    { auctionId: sealed.id, amount: 5_000 },
    { auctionId: english.id, amount: 2_000, leading: false },
  ]);

  await english.manage(english.seller, "end");
  await sealed.manage(sealed.seller, "end");
  await drop.settle(bidderNamed(bob), 1, "release");
  const orders = orderSchema
    .array()
    .parse((await pages<Order>(english, "orders", bidderNamed(alice), 1)).flat());
  expect(orders).toMatchObject([
    { auctionId: drop.id, source: "waitlist", quantity: 1, status: "pending" },
    { auctionId: sealed.id, source: "close", amount: 5_000 },
    { auctionId: english.id, source: "close", amount: 2_100 },
    { auctionId: dutch.id, source: "bid", quantity: 2, unitPrice: 10_000, amount: 20_000 },
  ]);
  expect(orders.every(({ bidderId }) => bidderId === alice)).toBe(true);
  const closed = await mine(english, "bids", bidderNamed(alice));
  expect(closed.body["bids"]).toMatchObject([
    { auctionId: dutch.id },
    // One of the two that she waits for has come.
    { auctionId: drop.id, units: 1, waiting: 1 },
    { auctionId: sealed.id, status: "closed", price: 5_000 },
    { auctionId: english.id, status: "closed", leading: true },
  ]);
  expect((await mine(drop, "bids", stranger)).body).toEqual({ bids: [] });
  expect((await mine(drop, "orders", stranger)).body).toEqual({ orders: [] });
  for (const room of [english, sealed, drop, dutch]) await room.leave();
});

test("an auction's orders are for its seller and for operators", async () => {
  const room = await openSaleroom(sharedStack(), dropTerms({ units: 3 }));
  await room.bid(alice, {});
  await room.bid(bob, {});
  await room.settle(room.seller, 1, "confirm");
  for (const reader of [room.seller, room.operator]) {
    const whole = await room.read("/orders", reader);
    expect(whole).toMatchObject({
      status: 200,
      body: {
        orders: [
          { orderId: room.orderId(2), bidderId: bob, status: "pending" },
          { orderId: room.orderId(1), bidderId: alice, status: "confirmed" },
        ],
      },
    });
    expect(whole.body).not.toHaveProperty("nextCursor");
  }
  const first = await room.read("/orders?limit=1", room.seller);
  const cursor = String(first.body["nextCursor"]);
  const second = await room.read(`/orders?limit=1&cursor=${cursor}`, room.seller);
  expect(second.body["orders"]).toMatchObject([{ orderId: room.orderId(1) }]);
  const confirmed = await room.read("/orders?status=confirmed", room.seller);
  expect(confirmed.body["orders"]).toMatchObject([{ orderId: room.orderId(1) }]);

  const refused = { status: 403, body: { reason: "forbidden" } };
  const otherSeller: Actor = { id: someone("other-seller"), role: "seller" };
  for (const reader of [otherSeller, bidderNamed(alice), stranger])
    expect(await room.read("/orders", reader)).toMatchObject(refused);
  expect(await room.read("/orders")).toMatchObject({ status: 401 });
  const nowhere = await request(room.edge, "/v1/auctions/nowhere/orders", {
    headers: { authorization: `Bearer ${await tokenFor(room.edge, "olga", "operator")}` },
  });
  expect(nowhere).toMatchObject({ status: 404, body: { reason: "auction_not_found" } });
  await room.leave();
});

test("a list says what it cannot read (I12)", async () => {
  const room = await openSaleroom(sharedStack(), dropTerms());
  for (const query of ["limit=0", "limit=201", "limit=x", "cursor=nonsense", "colour=red"]) {
    for (const list of ["bids", "orders"])
      expect((await mine(room, `${list}?${query}`, stranger)).status, `${list}?${query}`).toBe(422);
    expect((await room.read(`/orders?${query}`, room.seller)).status, `orders?${query}`).toBe(422);
  }
  expect((await room.read("/orders?status=lost", room.seller)).status).toBe(422);
  for (const list of ["bids", "orders"]) {
    expect((await mine(room, list, room.seller)).status, "a seller has no bids").toBe(403);
    expect((await request(room.edge, `/v1/me/${list}`)).status).toBe(401);
  }
  await room.leave();
});
