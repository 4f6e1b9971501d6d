import { beforeEach, expect, test } from "vitest";
import type * as z from "zod";
import * as replies from "../../../edge/web/reply-schemas.ts";
import { auctionViewSchema } from "../../../shared/auctions.ts";
import { openAuction, outcomeAt } from "../builders.ts";
import { edgeIn, newWorld, type World } from "./edge-under-test.ts";

let world: World;
beforeEach(() => {
  world = newWorld();
  const auction = openAuction();
  const bid = { bidId: "bid-0", bidder: "b-1", amount: 100, outcome: "accepted", seq: 7, index: 0, at: 5 };
  world.answers = {
    auction: { auction, leaderboard: [{ bidder: "b-1", amount: 100, at: 5 }] },
    auctions: { auctions: [auction], nextCursor: "next" },
    bids: { bids: [bid, { ...bid, amount: null, quantity: 2 }], version: 2, nextCursor: "next" },
    bid: { outcome: outcomeAt(0, { orderId: "auction-1-7" }), bidder: "b-1", version: 2 },
  };
});

const AUCTION = "/v1/auctions/auction-1";
const ENGLISH = auctionViewSchema.options[0];

test.each<[string, z.ZodObject]>([
  [AUCTION, ENGLISH],
  [`${AUCTION}/leaderboard`, replies.leaderboardSchema],
  ["/v1/auctions", replies.auctionPageSchema],
  [`${AUCTION}/bids`, replies.bidPageSchema],
  [`${AUCTION}/bids/bid-0`, replies.decidedBidSchema],
  ["/v1/health", replies.healthSchema],
])("GET %s answers with the document's fields, and no others", async (path, schema) => {
  const response = await edgeIn(world).request(path);
  expect(response.status).toBe(200);
  schema.strict().parse(await response.json());
});

test("an undecided bid, too", async () => {
  world.answers.bid = { outcome: null, bidder: null, version: 2 };
  const response = await edgeIn(world).request(`${AUCTION}/bids/bid-0?seq=9`);
  replies.undecidedBidSchema.strict().parse(await response.json());
});

test.each<[string, string, string, z.ZodObject]>([
  [
    "/v1/auctions",
    "sally:seller",
    '{"format":"drop","title":"A","currency":"EUR","price":1,"units":1,"endsAt":9}',
    replies.pendingAuctionSchema,
  ],
  [`${AUCTION}/bids`, "bob:bidder", '{"amount":1}', replies.pendingBidSchema],
  [`${AUCTION}/cancel`, "sally:seller", '{"reason":"x"}', replies.pendingCommandSchema],
])("what POST %s has only queued answers with the document's fields", async (path, token, body, schema) => {
  world.reply = { kind: "queued", seq: 9 };
  const headers = { authorization: `Bearer ${token}`, "idempotency-key": "k" };
  const response = await edgeIn(world).request(path, { method: "POST", headers, body });
  expect(response.status).toBe(202);
  schema.strict().parse(await response.json());
});

test("an amount that nobody may see yet stays null, and is kept by no cache (I10)", async () => {
  const response = await edgeIn(world).request(`${AUCTION}/bids`);
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(await response.json()).toMatchObject({ bids: [{ amount: 100 }, { amount: null }] });
});
