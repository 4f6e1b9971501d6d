import { describe, expect, test } from "vitest";
import type { AuctionEvent } from "../../../core/auction/events.ts";
import { evolve } from "../../../core/auction/evolve.ts";
import { InvariantError } from "../../../core/auction/invariant-error.ts";
import type { AuctionFormat } from "../../../shared/terms.ts";
import {
  alice,
  bid,
  bob,
  claim,
  create,
  dropTerms,
  dutchTerms,
  sealedTerms,
  START_MS,
  tick,
} from "../../support/builders.ts";
import { given } from "../../support/specification.ts";

const atMs = START_MS;
const creates = {
  english: create(),
  dutch: create(dutchTerms({ units: 3 })),
  sealed: create(sealedTerms()),
  drop: create(dropTerms()),
};
const auctionOf = (format: AuctionFormat) => given(creates[format]).when(tick).auction;

/** Events of bids, and the formats that know them. */
const bidEvents: [event: AuctionEvent, formats: AuctionFormat[]][] = [
  [{ type: "bid_accepted", bidderId: alice, amountMinor: 1_000, atMs }, ["english"]],
  [{ type: "counter_bid", bidderId: alice, amountMinor: 1_000, atMs }, ["english"]],
  [{ type: "maximum_raised", bidderId: alice, maxMinor: 2_000, amountMinor: 1_000, atMs }, ["english"]],
  [{ type: "bought_now", bidderId: alice, priceMinor: 1_000, atMs }, ["english"]],
  [{ type: "sealed_bid", bidderId: alice, amountMinor: 1_000, atMs }, ["sealed"]],
  [{ type: "price_dropped", step: 1, priceMinor: 900, atMs }, ["dutch"]],
  [{ type: "waitlist_joined", bidderId: alice, place: 1, quantity: 1, atMs }, ["drop"]],
  [{ type: "bids_retracted", bidderId: alice, reason: "a slip", atMs }, ["english", "sealed"]],
];

const sale = (quantity: number): AuctionEvent => ({
  type: "orders_placed",
  first: 1,
  source: "bid",
  orders: [{ bidderId: alice, quantity, unitPriceMinor: 1_000 }],
  expiresAtMs: null,
  atMs,
});

describe("a log that no decider wrote is a bug, not a state", () => {
  test("an auction created twice", () => {
    const created = given().when(create());
    const event = created.decision.events[0];
    if (event === undefined) throw new Error("the event is there");
    expect(() => evolve(created.auction, event)).toThrow(InvariantError);
  });

  test("an event before the creation", () => {
    expect(() => evolve(null, { type: "auction_opened", atMs })).toThrow(InvariantError);
  });

  test.each(bidEvents)("an event of another format: $type", (event, known) => {
    for (const format of Object.keys(creates) as AuctionFormat[]) {
      const auction = auctionOf(format);
      if (known.includes(format)) expect(evolve(auction, event).version).toBe(2);
      else expect(() => evolve(auction, event)).toThrow(InvariantError);
    }
  });

  test.each(["dutch", "drop"] as const)("a sale of more units than there are: %s (I5)", (format) => {
    expect(evolve(auctionOf(format), sale(3)).version).toBe(2);
    expect(() => evolve(auctionOf(format), sale(4))).toThrow(InvariantError);
  });

  test("an order settled that was never placed", () => {
    const settled: AuctionEvent = { type: "orders_settled", numbers: [2], status: "confirmed", atMs };
    const { auction } = given(creates.drop, claim(alice)).when(tick);
    expect(() => evolve(auction, settled)).toThrow(InvariantError);
  });

  test("a second chance for nobody", () => {
    const { auction } = given(creates.english, bid(alice, 1_000), bid(bob, 1_100)).when(tick);
    const nobody: AuctionEvent = {
      type: "orders_placed",
      first: 1,
      source: "second_chance",
      orders: [],
      expiresAtMs: null,
      atMs,
    };
    expect(() => evolve(auction, nobody)).toThrow(InvariantError);
  });
});
