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
  claim,
  create,
  dropTerms,
  manage,
  orderId,
  proxyBid,
  RUN_MS,
  sam,
  sealedTerms,
  START_MS,
  tick,
} from "../../support/builders.ts";
import { frozenStories } from "./frozen-stories.ts";

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
      { type: "sold", version: 4, at: T + RUN_MS, bidder: aliasOf(alice), quantity: 1, price: 1_000 },
    ]);
    expect(live).toMatchObject({ status: "closed", minimumBid: null, leader: aliasOf(alice) });
    expect(outcomes).toEqual([]);
  });

  test("without an auction shows none, and still answers", () => {
    const { result } = auctionLog().append([bid(alice, 1_000)], T);
    expect(result).toMatchObject({ live: null, from: 0, to: 0, events: [] });
    expect(result.outcomes).toMatchObject([
      { outcome: "rejected", reason: "auction_not_found", version: 0, price: null },
    ]);
  });

  test("says of accepted english bids, and of nothing else, whether they lead", () => {
    const log = auctionLog();
    log.append(
      [create(), proxyBid(alice, 5_000), bid(bob, 1_100), bid(bob, 1_150), proxyBid(alice, 6_000)],
      T,
    );
    expect(log.history()[0]?.result.outcomes.map(({ leading }) => leading)).toEqual([
      undefined,
      true,
      false,
      undefined,
      true,
    ]);
    const other = auctionLog();
    other.append([create(dropTerms()), claim(alice)], T);
    expect(other.history()[0]?.result.outcomes[1]).not.toHaveProperty("leading");
  });

  test("tells a buyer of the order, at the top of the outcome, and travels with it as its detail", () => {
    const log = auctionLog();
    const { result, wire } = log.append([create(dropTerms({ holdMs: 5_000 })), claim(alice)], T);
    const detail = { orderId: orderId(1), quantity: 1, unitPrice: 2_500, expiresAt: T + 5_000 };
    expect(result.outcomes[1]).toMatchObject({ kind: "bid", outcome: "accepted", ...detail });
    expect(wire.outcomes[1]).toMatchObject({ detail });
  });

  test("names commands of owners and operators by their kind, without a bid's id", () => {
    const log = auctionLog();
    const cancel = manage(sam, "seller", { action: "cancel", reason: "damaged" }, "k");
    const { outcomes } = log.append([create(), cancel], T).result;
    expect(outcomes[1]).toMatchObject({
      kind: "manage",
      actorId: sam,
      key: "k",
      outcome: "accepted",
      version: 2,
    });
    expect(outcomes[1]).not.toHaveProperty("bidId");
  });

  test.each(Object.entries(frozenStories))(
    "fits its own schema, and is written as text to the same bytes (%s)",
    (_name, story) => {
      const log = auctionLog();
      for (const [atMs, commands] of story) log.append(commands, atMs);
      for (const { wire, wireText } of log.history()) {
        expect(resultSchema.parse(wire)).toEqual(wire);
        expect(wireText).toBe(JSON.stringify(wire));
      }
    },
  );

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

  test("has no amount of a sealed auction before the close, in no bid's outcome either (I10)", () => {
    const log = auctionLog();
    log.append([create(sealedTerms({ pricing: "second", reservePrice: 7_654_321 }))], T);
    const bids = [bid(alice, 8_765_432, "a"), bid(bob, 9_876_543, "b"), bid(alice, 8_888_888, "a2")];
    log.append(bids, T + 1);
    log.append([bid(alice, 8_765_432, "a"), bid(alice, 1_111_111, "a2"), bid(sam, 2_222_222)], T + 2);
    const before = log.history().map(({ wireText }) => wireText);
    log.append([tick], T + RUN_MS);
    const after = log.history().at(-1)?.wireText ?? "";
    for (const secret of ["7654321", "8765432", "9876543", "8888888", "1111111", "2222222"])
      expect(before.join("\n")).not.toContain(secret);
    expect(after).toContain("8888888");
    expect(after).not.toContain("9876543");
  });

  test("has no maximum that is not exhausted, and no reserve that is not met", () => {
    const log = auctionLog();
    log.append([create({ reservePrice: 7_654_321 }), proxyBid(alice, 5_432_100), bid(bob, 2_000)], T);
    log.append([proxyBid(alice, 6_543_210), proxyBid(alice, 6_543_209)], T + 1);
    const text = log
      .history()
      .map(({ wireText }) => wireText)
      .join("\n");
    for (const secret of ["7654321", "5432100", "6543210", "6543209"]) expect(text).not.toContain(secret);
  });

  test("names the same bidder differently in another auction", () => {
    expect(bidderAliasFor("another-salt-of-the-tests", alice)).not.toBe(aliasOf(alice));
  });
});
