import { describe, expect, test } from "vitest";
import { renderAuction, renderEvent, renderLeaderboard, renderLive } from "../../../core/auction/render.ts";
import { auctionViewSchema } from "../../../shared/auctions.ts";
import type { Command } from "../../../shared/commands.ts";
import { bidderAliasFor } from "../../../shared/ids.ts";
import { publicEventSchema } from "../../../shared/results.ts";
import type { CreateAuction } from "../../../shared/terms.ts";
import { auctionLog } from "../../support/auction-log.ts";
import {
  alice,
  ALIAS_SALT,
  bid,
  bob,
  claim,
  create,
  dropTerms,
  dutchTerms,
  englishTerms,
  manage,
  olga,
  proxyBid,
  RUN_MS,
  sam,
  SECRET_SALT,
  sealedTerms,
  START_MS,
  tick,
} from "../../support/builders.ts";
import { at, given, type Step } from "../../support/specification.ts";
import { frozenStories } from "./frozen-stories.ts";

const ENDS_MS = START_MS + RUN_MS;
const aliasOf = (bidderId: string) => bidderAliasFor(ALIAS_SALT, bidderId);

function auctionAfter(...history: (Command | Step)[]) {
  const { auction } = given(...history).when(tick);
  if (auction === null) throw new Error("the auction is there");
  return auction;
}

describe("the view of an auction", () => {
  test.each<[string, CreateAuction, object]>([
    [
      "english",
      englishTerms({ reservePrice: 7_654_321, buyNowPrice: 9_000_000, settlement: { payWithinMs: 1 } }),
      {
        format: "english",
        startPrice: 1_000,
        increment: 100,
        buyNowPrice: 9_000_000,
        reserveMet: false,
        buyNowAvailable: true,
      },
    ],
    [
      "dutch",
      dutchTerms({ units: 4 }),
      {
        format: "dutch",
        startPrice: 1_000,
        floorPrice: 500,
        stepAmount: 100,
        stepMs: 1_000,
        units: 4,
        remaining: 4,
        price: 1_000,
        minimumBid: 1_000,
        nextPriceAt: START_MS + 1_000,
      },
    ],
    [
      "sealed",
      sealedTerms({ pricing: "second", reservePrice: 7_654_321 }),
      { format: "sealed", pricing: "second", price: null, minimumBid: null },
    ],
    [
      "drop",
      dropTerms({ holdMs: 5_000 }),
      { format: "drop", units: 3, perBidder: 1, holdMs: 5_000, price: 2_500, remaining: 3, waiting: 0 },
    ],
  ])("of a %s auction has the listing, its own terms and what changes", (_format, terms, own) => {
    const view = renderAuction(auctionAfter({ ...create(terms), secretSalt: SECRET_SALT }));
    expect(view).toMatchObject({
      title: "A lot",
      sellerId: sam,
      currency: "EUR",
      minorUnitDigits: 2,
      ...own,
    });
    expect(auctionViewSchema.parse(view)).toEqual(view);
    for (const secret of ["7654321", ALIAS_SALT, SECRET_SALT])
      expect(JSON.stringify(view)).not.toContain(secret);
  });

  test("says how many digits the currency has", () => {
    expect(renderAuction(auctionAfter(create({ currency: "JPY" }))).minorUnitDigits).toBe(0);
    expect(renderAuction(auctionAfter(create({ currency: "KWD" }))).minorUnitDigits).toBe(3);
  });
});

describe("the live part", () => {
  test("has no leader but the winner once the auction is over", () => {
    expect(renderLive(auctionAfter(create(), bid(alice, 1_000))).leader).toBe(aliasOf(alice));
    expect(
      renderLive(auctionAfter(create({ reservePrice: 2_000 }), bid(alice, 1_000), at(ENDS_MS, tick))).leader,
    ).toBe(null);
    const sold = renderLive(auctionAfter(create(sealedTerms()), bid(alice, 1_000), at(ENDS_MS, tick)));
    expect(sold).toMatchObject({ leader: aliasOf(alice), price: 1_000, minimumBid: null });
  });

  test("after a cancellation asks for no bids, sells nothing and has nobody waiting", () => {
    const cancel = manage(olga, "operator", { action: "cancel", reason: "recalled" });
    const waited = [create(dropTerms({ units: 1 })), claim(alice), claim(bob, { waitlist: true }), cancel];
    expect(renderLive(auctionAfter(...waited))).toMatchObject({
      status: "cancelled",
      waiting: 0,
      leader: null,
    });
    expect(renderLive(auctionAfter(create({ buyNowPrice: 5_000 }), cancel))).toMatchObject({
      minimumBid: null,
      buyNowAvailable: false,
    });
    expect(renderLive(auctionAfter(create(dutchTerms()), cancel)).nextPriceAt).toBeNull();
  });
});

describe("the leaderboard", () => {
  test("shows the leader at the price, and the others at limits that the price has passed", () => {
    const auction = auctionAfter(create(), proxyBid(alice, 5_000), at(START_MS + 7, proxyBid(bob, 3_000)));
    expect(renderLeaderboard(auction)).toEqual([
      { bidder: aliasOf(alice), amount: 3_100, at: START_MS },
      { bidder: aliasOf(bob), amount: 3_000, at: START_MS + 7 },
    ]);
  });

  test("of dutch auctions and drops is empty", () => {
    expect(renderLeaderboard(auctionAfter(create(dutchTerms({ units: 2 })), bid(alice, 1_000)))).toEqual([]);
    expect(renderLeaderboard(auctionAfter(create(dropTerms()), claim(alice)))).toEqual([]);
  });
});

describe("what watchers learn of an event", () => {
  test("of a bid with a maximum is what it shows, and that an answer was automatic", () => {
    const { decision } = given(create(), proxyBid(alice, 5_432)).when(proxyBid(bob, 9_876));
    expect(decision.events.map((event, i) => renderEvent(event, i + 3, ALIAS_SALT))).toEqual([
      { type: "bid", version: 3, at: START_MS, bidder: aliasOf(alice), amount: 5_432, automatic: true },
      { type: "bid", version: 4, at: START_MS, bidder: aliasOf(bob), amount: 5_532 },
    ]);
  });

  test("of a sale is who bought how many at which price; of several buyers at once only how many", () => {
    const free = manage(olga, "operator", {
      action: "release",
      orderId: `${auctionAfter(create()).id}-1`,
    });
    const { decision } = given(
      create(dropTerms({ units: 2, perBidder: 2 })),
      claim(alice, { quantity: 2 }),
      claim(bob, { waitlist: true }),
      claim("carol", { waitlist: true }),
    ).when(free);
    expect(decision.events.map((event, i) => renderEvent(event, i + 5, ALIAS_SALT))).toEqual([
      { type: "settled", version: 5, at: START_MS, status: "released", orders: 1 },
      { type: "sold", version: 6, at: START_MS, bidder: null, quantity: 2, price: 2_500 },
    ]);
  });

  test.each(Object.entries(frozenStories))(
    "of any kind fits its schema, and names nobody and nobody's maximum or key (%s)",
    (_name, story) => {
      const log = auctionLog();
      for (const [atMs, commands] of story) log.append(commands, atMs);
      const events = log.history().flatMap(({ result }) => result.events);
      for (const event of events) expect(publicEventSchema.parse(event)).toEqual(event);
      const text = JSON.stringify(events);
      for (const secret of ["alice", "bob", "carol", "dave", "maxMinor", "orderId", "key", ALIAS_SALT])
        expect(text).not.toContain(secret);
    },
  );
});
