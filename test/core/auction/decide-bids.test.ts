import { describe, test } from "vitest";
import type { BidBody } from "../../../shared/bids.ts";
import {
  alice,
  bid,
  bidOf,
  bob,
  claim,
  create,
  dropTerms,
  dutchTerms,
  manage,
  olga,
  orderId,
  proxyBid,
  RUN_MS,
  sam,
  sealedTerms,
  START_MS,
  tick,
} from "../../support/builders.ts";
import { at, given } from "../../support/specification.ts";

const ENDS_MS = START_MS + RUN_MS;

describe("a blocked bidder", () => {
  const block = manage(olga, "operator", { action: "block", bidderId: alice, reason: "chargebacks" });
  const unblock = manage(olga, "operator", { action: "unblock", bidderId: alice, reason: "paid up" });

  test.each([
    ["english", create(), bid(alice, 1)],
    ["dutch", create(dutchTerms()), bid(alice, 1_000)],
    ["sealed", create(sealedTerms()), bid(alice, 1_000)],
    ["drop", create(dropTerms()), claim(alice)],
  ])("may not bid, whatever the bid: %s", (_format, created, asked) => {
    given(created, block).when(asked).expect({ outcome: "bidder_blocked", events: [], bidCount: 0 });
  });

  test("may bid again once unblocked, and others always may", () => {
    given(create(), block, unblock).when(bid(alice, 1_000)).expect({ outcome: "accepted", leader: alice });
    given(create(), block).when(bid(bob, 1_000)).expect({ outcome: "accepted", leader: bob });
  });
});

describe("after a cancellation", () => {
  const cancel = manage(sam, "seller", { action: "cancel", reason: "damaged" });

  test("every bid is refused as cancelled, the seller's and a blocked bidder's too", () => {
    given(create(), cancel).when(bid(alice, 1_000)).expect({ outcome: "auction_cancelled", events: [] });
    given(create(), cancel).when(bid(sam, 1_000)).expect({ outcome: "auction_cancelled" });
  });

  test("the end passes without a close", () => {
    given(create(), bid(alice, 1_000), cancel)
      .when(at(ENDS_MS, tick))
      .expect({ events: [], status: "cancelled", winner: null });
  });
});

describe("a bid with a field that its format does not know", () => {
  test.each<[string, BidBody, string]>([
    ["english", { amount: 1_000, quantity: 1 }, "/quantity"],
    ["english", { amount: 1_000, partial: true }, "/partial"],
    ["english", { waitlist: true }, "/waitlist"],
    ["english", {}, "/amount"],
    ["dutch", { maxAmount: 1_000 }, "/maxAmount"],
    ["dutch", { buyNow: true }, "/buyNow"],
    ["dutch", { waitlist: true }, "/waitlist"],
    ["dutch", { quantity: 1 }, "/amount"],
    ["sealed", { maxAmount: 1_000 }, "/maxAmount"],
    ["sealed", { buyNow: true }, "/buyNow"],
    ["sealed", { amount: 1_000, quantity: 1 }, "/quantity"],
    ["sealed", { amount: 1_000, partial: true }, "/partial"],
    ["sealed", { waitlist: true }, "/waitlist"],
    ["sealed", {}, "/amount"],
    ["drop", { amount: 2_500 }, "/amount"],
    ["drop", { maxAmount: 2_500 }, "/maxAmount"],
    ["drop", { buyNow: true }, "/buyNow"],
  ])("%s %j is refused, naming %s", (format, body, field) => {
    const terms = { english: {}, dutch: dutchTerms(), sealed: sealedTerms(), drop: dropTerms() }[format];
    given(create(terms))
      .when(bidOf(alice, body))
      .expect({ outcome: "bid_not_for_format", detail: { field }, events: [], version: 1 });
  });
});

describe("the count of bids", () => {
  test("of an english auction has raises and raised maxima, automatic counter-bids not", () => {
    given(create(), proxyBid(alice, 5_000), proxyBid(alice, 6_000))
      .when(bid(bob, 1_100))
      .expect({ events: ["bid_accepted", "counter_bid"], bidCount: 3 });
  });

  test("of a sealed auction has revisions", () => {
    given(create(sealedTerms()), bid(alice, 1_000)).when(bid(alice, 900)).expect({ bidCount: 2 });
  });

  test("has one for a claim, whether it is taken, waited for or both, and none for the waitlist's turn", () => {
    const terms = dropTerms({ units: 2, perBidder: 3 });
    given(create(terms))
      .when(claim(alice, { quantity: 3, waitlist: true }))
      .expect({ bidCount: 1 });
    const waiting = given(create(terms), claim(alice, { quantity: 2 }), claim(bob, { waitlist: true }));
    waiting
      .when(manage(alice, "bidder", { action: "release", orderId: orderId(1) }))
      .expect({ bidCount: 2, orders: ["1 alice 2x2500 released", "2 bob 1x2500 pending"] });
  });

  test("has none of the refused", () => {
    given(create(), bid(alice, 1_000)).when(bid(bob, 1_050)).expect({ outcome: "bid_too_low", bidCount: 1 });
  });
});
