import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bidBodySchema, type BidBody } from "../../../shared/bids.ts";
import type { AuctionFormat } from "../../../shared/terms.ts";
import {
  dropTerms,
  dutchTerms,
  englishTerms,
  type LiveSocket,
  post,
  sealedTerms,
  tokenFor,
} from "../../support/client.ts";
import { sharedStack } from "../../support/stack.ts";
import { expectEveryDoorAgrees } from "./expect-every-door.ts";
import { openSaleroom, type Saleroom, someone } from "./saleroom.ts";

const alice = someone("alice");

let rooms: Record<AuctionFormat, Saleroom>;
let token = "";
let socket: LiveSocket;

beforeAll(async () => {
  const stack = sharedStack();
  rooms = {
    english: await openSaleroom(stack, englishTerms()),
    dutch: await openSaleroom(stack, dutchTerms()),
    sealed: await openSaleroom(stack, sealedTerms()),
    drop: await openSaleroom(stack, dropTerms()),
  };
  token = await tokenFor(rooms.english.edge, alice, "bidder");
  socket = await rooms.english.socketOf(alice);
});
afterAll(() => Promise.all(Object.values(rooms).map((room) => room.leave())));

describe("a bid has the fields of its auction's format and no others: the log says which is at fault (I12)", () => {
  test.each<[AuctionFormat, BidBody, string]>([
    ["english", {}, "/amount"],
    ["english", { amount: 1_000, quantity: 1 }, "/quantity"],
    ["english", { amount: 1_000, partial: true }, "/partial"],
    ["english", { waitlist: true }, "/waitlist"],
    ["dutch", {}, "/amount"],
    ["dutch", { quantity: 1 }, "/amount"],
    ["dutch", { maxAmount: 10_000 }, "/maxAmount"],
    ["dutch", { buyNow: true }, "/buyNow"],
    ["dutch", { waitlist: true }, "/waitlist"],
    ["sealed", {}, "/amount"],
    ["sealed", { maxAmount: 10_000 }, "/maxAmount"],
    ["sealed", { buyNow: true }, "/buyNow"],
    ["sealed", { amount: 1_000, quantity: 1 }, "/quantity"],
    ["sealed", { amount: 1_000, partial: true }, "/partial"],
    ["sealed", { waitlist: true }, "/waitlist"],
    ["drop", { amount: 2_500 }, "/amount"],
    ["drop", { maxAmount: 2_500 }, "/maxAmount"],
    ["drop", { buyNow: true }, "/buyNow"],
  ])("%s, %j: %s", async (format, body, field) => {
    const room = rooms[format];
    expect(await room.bid(alice, body)).toMatchObject({
      status: 422,
      body: { reason: "bid_not_for_format", outcome: "rejected", field, errors: [{ pointer: field }] },
    });
    expect(await room.bidLive(alice, body)).toMatchObject({
      type: "outcome",
      outcome: "rejected",
      reason: "bid_not_for_format",
      field,
    });
  });
});

describe("what no format allows is refused before the log, at both doors (I12)", () => {
  test.each<[object, string]>([
    [{ buyNow: true, amount: 1_000 }, "/buyNow"],
    [{ buyNow: true, quantity: 1 }, "/buyNow"],
    [{ buyNow: false }, "/buyNow"],
    [{ amount: 1_000, maxAmount: 999 }, "/maxAmount"],
    [{ maxAmount: 1_000, quantity: 1 }, "/maxAmount"],
    [{ waitlist: true, amount: 1_000 }, "/waitlist"],
    [{ quantity: 0 }, "/quantity"],
    [{ quantity: 1_000_001 }, "/quantity"],
    [{ quantity: 1.5 }, "/quantity"],
    [{ partial: false }, "/partial"],
    [{ maxAmount: 2 ** 53 }, "/maxAmount"],
    [{ amount: 1_000, maximum: 2_000 }, "/maximum"],
  ])("%j: %s", async (body, pointer) => {
    expect(bidBodySchema.safeParse(body).success).toBe(false);
    const { edge, id } = rooms.english;
    const reply = await post(edge, `/v1/auctions/${id}/bids`, { token, body });
    const errors = expect.arrayContaining([expect.objectContaining({ pointer })]);
    expect(reply).toMatchObject({ status: 422, body: { reason: "invalid_request", errors } });
    const key = randomUUID();
    socket.send({ type: "bid", key, ...body });
    const refused = await socket.until((frame) => frame.type === "error" && frame.key === key);
    expect(refused).toMatchObject({ reason: "invalid_request", queued: false });
    expect(refused.type === "error" && refused.detail).toContain(pointer);
  });
});

test("after all of it nothing has happened, and every refusal that was decided stands in the history", async () => {
  for (const room of Object.values(rooms)) {
    const { auction } = await expectEveryDoorAgrees(room);
    expect(auction).toMatchObject({ status: "open", version: 1, bidCount: 0, orders: [] });
    expect(auction.decisions.filter(({ kind }) => kind === "bid").length).toBe(room.told.length);
  }
});
