import { describe, expect, test } from "vitest";
import { renderAuction, renderLeaderboard } from "../../../core/auction/render.ts";
import { auctionViewSchema } from "../../../shared/auctions.ts";
import { bidderAliasFor } from "../../../shared/ids.ts";
import { resultSchema } from "../../../shared/results.ts";
import { auctionLog } from "../../support/auction-log.ts";
import {
  alice,
  ALIAS_SALT,
  AUCTION_ID,
  bid,
  bob,
  create,
  RUN_MS,
  sam,
  START_MS,
  tick,
} from "../../support/builders.ts";

const T = START_MS;
const aliasOf = (bidderId: string) => bidderAliasFor(ALIAS_SALT, bidderId);

describe("the result of an envelope", () => {
  test("carries the whole auction only when it created it", () => {
    const log = auctionLog();
    const created = log.append([create(), bid(alice, 1_000)], T).result;
    expect(created.auction).toMatchObject({
      id: AUCTION_ID,
      sellerId: sam,
      createdAt: T,
      startsAt: T,
      version: 2,
      price: 1_000,
    });
    expect(created).toMatchObject({ from: 0, to: 2, auctionId: AUCTION_ID, seq: 1, at: T });
    expect(log.append([bid(bob, 1_100)], T + 1).result).not.toHaveProperty("auction");
  });

  test("shows the auction as it stands at its last version, bidders by alias", () => {
    const log = auctionLog();
    log.append([create()], T);
    const { live, events } = log.append([bid(alice, 1_000), bid(bob, 1_150)], T + 5).result;
    expect(live).toEqual({
      status: "open",
      version: 3,
      endsAt: T + RUN_MS,
      price: 1_150,
      minimumBid: 1_250,
      bidCount: 2,
      leader: aliasOf(bob),
    });
    expect(events).toEqual([
      { type: "bid", version: 2, at: T + 5, bidder: aliasOf(alice), amount: 1_000 },
      { type: "bid", version: 3, at: T + 5, bidder: aliasOf(bob), amount: 1_150 },
    ]);
  });

  test("names the winner of a close by alias, and asks for no more bids", () => {
    const log = auctionLog();
    log.append([create(), bid(alice, 1_000)], T);
    const { live, events, outcomes } = log.append([tick], T + RUN_MS).result;
    expect(events).toEqual([
      { type: "closed", version: 3, at: T + RUN_MS, winner: aliasOf(alice), price: 1_000 },
    ]);
    expect(live).toMatchObject({ status: "closed", minimumBid: null, leader: aliasOf(alice) });
    expect(outcomes).toEqual([]);
  });

  test("without an auction shows none, and still answers", () => {
    const { result } = auctionLog().append([bid(alice, 1_000)], T);
    expect(result).toMatchObject({ live: null, from: 0, to: 0, events: [] });
    expect(result.outcomes).toMatchObject([
      { outcome: "rejected", reason: "auction_not_found", version: 0, price: null, leading: false },
    ]);
  });

  test("fits its own schema and loses nothing in it", () => {
    const log = auctionLog();
    log.append([create({ startsAt: T + 1 }), bid(alice, 5), tick], T);
    log.append(
      [bid(alice, 1_000, "k"), bid(alice, 1_000, "k"), bid(alice, 1, "k"), bid(sam, 1), null],
      T + 1,
    );
    for (const { wire } of log.history()) expect(resultSchema.parse(wire)).toEqual(wire);
  });
});

describe("what watchers see", () => {
  test("is a valid view at every stage", () => {
    const log = auctionLog();
    for (const [commands, atMs] of [
      [[create({ startsAt: T + 1 })], T],
      [[bid(alice, 1_000)], T + 1],
      [[tick], T + RUN_MS],
    ] as const) {
      log.append(commands, atMs);
      const auction = log.auction();
      if (auction === null) throw new Error("the auction is there");
      expect(auctionViewSchema.parse(renderAuction(auction))).toEqual(renderAuction(auction));
    }
  });

  test("never says who bid, what their keys are, or the salt that hides them", () => {
    const log = auctionLog();
    log.append([create({}, "key-of-the-seller")], T);
    log.append([bid("bidder-one", 1_000, "key-one"), bid("bidder-two", 1_100, "key-two")], T);
    log.append([tick], T + RUN_MS);
    const auction = log.auction();
    if (auction === null) throw new Error("the auction is there");
    const seen = log.history().map(({ result: { outcomes: _private, ...rest } }) => rest);
    const text = JSON.stringify([seen, renderAuction(auction), renderLeaderboard(auction)]);
    for (const secret of [
      "bidder-one",
      "bidder-two",
      "key-one",
      "key-two",
      "key-of-the-seller",
      ALIAS_SALT,
    ]) {
      expect(text).not.toContain(secret);
    }
    expect(text).toContain(aliasOf("bidder-one"));
  });

  test("names the same bidder differently in another auction", () => {
    expect(bidderAliasFor("another-salt-of-the-tests", alice)).not.toBe(aliasOf(alice));
  });
});
