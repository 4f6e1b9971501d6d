import { describe, test } from "vitest";
import {
  alice,
  bid,
  bob,
  buyNow,
  create,
  manage,
  olga,
  orderId,
  proxyBid,
  RUN_MS,
  sam,
  START_MS,
} from "../../support/builders.ts";
import { at, given } from "../../support/specification.ts";

const ENDS_MS = START_MS + RUN_MS;
const buyable = create({ buyNowPrice: 8_000 });
const reserved = create({ buyNowPrice: 8_000, reservePrice: 3_000 });
const retractAlice = manage(olga, "operator", {
  action: "retract",
  bidId: "bid-1",
  bidderId: alice,
  reason: "a typing error",
});

describe("buy-now", () => {
  test("before the first bid buys, closes and places the order", () => {
    given(buyable)
      .when(buyNow(bob))
      .expect({
        outcome: "accepted",
        events: ["bought_now", "auction_closed", "orders_placed"],
        status: "closed",
        winner: bob,
        soldForMinor: 8_000,
        priceMinor: 8_000,
        minimumBidMinor: null,
        bidCount: 1,
        buyNowAvailable: false,
        orders: ["1 bob 1x8000 pending"],
        detail: { orderId: orderId(1), quantity: 1, unitPrice: 8_000 },
      });
  });

  test("says by when it must be paid, where there is a limit", () => {
    given(create({ buyNowPrice: 8_000, settlement: { payWithinMs: 5_000 } }))
      .when(at(START_MS + 7, buyNow(bob)))
      .expect({
        detail: { orderId: orderId(1), quantity: 1, unitPrice: 8_000, expiresAt: START_MS + 5_007 },
      });
  });

  test("after the first bid is over, and the bid stands", () => {
    given(buyable, bid(alice, 1_000))
      .when(buyNow(bob))
      .expect({ outcome: "buy_now_unavailable", events: [], leader: alice, buyNowAvailable: false });
  });

  test("with a reserve can still be had until that is met, by the leader too", () => {
    const below = given(reserved, bid(alice, 2_999));
    below.when(buyNow(bob)).expect({ winner: bob, soldForMinor: 8_000 });
    below.when(buyNow(alice)).expect({ winner: alice, soldForMinor: 8_000 });
    given(reserved).when(buyNow(bob)).expect({ winner: bob });
  });

  test("with a reserve is over once that is met", () => {
    given(reserved, proxyBid(alice, 3_000))
      .when(buyNow(bob))
      .expect({ outcome: "buy_now_unavailable", leader: alice, reserveMet: true });
  });

  test("without a price for it is not to be had", () => {
    given(create()).when(buyNow(bob)).expect({ outcome: "buy_now_unavailable", buyNowAvailable: undefined });
  });

  test("can be had again when the only bid was retracted", () => {
    given(buyable, bid(alice, 1_000), retractAlice).when(buyNow(bob)).expect({ winner: bob });
  });

  test("is not triggered by bidding as much: a bid is a bid", () => {
    given(buyable).when(bid(alice, 8_000)).expect({ status: "open", leader: alice, priceMinor: 8_000 });
    given(buyable).when(proxyBid(alice, 99_000)).expect({ status: "open", priceMinor: 1_000 });
  });

  test("of the seller is refused, before the start is too early, at the end too late", () => {
    given(buyable).when(buyNow(sam)).expect({ outcome: "self_bid" });
    given(create({ buyNowPrice: 8_000, startsAt: START_MS + 1 }))
      .when(buyNow(bob))
      .expect({ outcome: "auction_not_started", buyNowAvailable: false });
    given(buyable)
      .when(at(ENDS_MS - 1, buyNow(bob)))
      .expect({ winner: bob });
    given(buyable)
      .when(at(ENDS_MS, buyNow(bob)))
      .expect({ outcome: "auction_closed", winner: null });
  });

  test("ends the auction: whoever comes next is late", () => {
    given(buyable, buyNow(bob)).when(bid(alice, 9_000)).expect({ outcome: "auction_closed", winner: bob });
    given(buyable, buyNow(bob)).when(buyNow(alice)).expect({ outcome: "auction_closed", winner: bob });
  });

  test("in the soft-close window extends nothing", () => {
    given(create({ buyNowPrice: 8_000, softClose: { windowMs: 10_000, extendMs: 10_000 } }))
      .when(at(ENDS_MS - 1, buyNow(bob)))
      .expect({ events: ["bought_now", "auction_closed", "orders_placed"], endsAtMs: ENDS_MS - 1 });
  });
});
