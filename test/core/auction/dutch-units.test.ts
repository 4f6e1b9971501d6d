import { describe, test } from "vitest";
import {
  alice,
  bid,
  bidOf,
  bob,
  create,
  dutchTerms,
  manage,
  olga,
  orderId,
  START_MS,
  tick,
} from "../../support/builders.ts";
import { at, given } from "../../support/specification.ts";

const ENDS_MS = START_MS + 6_000;
const five = create(dutchTerms({ units: 5 }));
const buy = (bidderId: string, quantity: number) => bidOf(bidderId, { amount: 1_000, quantity });
const release = (number: number) => manage(olga, "operator", { action: "release", orderId: orderId(number) });

describe("several units", () => {
  test("are bought one at a time, unless the bid says how many", () => {
    given(five)
      .when(bid(alice, 1_000))
      .expect({
        remaining: 4,
        status: "open",
        orders: ["1 alice 1x1000 pending"],
        detail: { orderId: orderId(1), quantity: 1, unitPrice: 1_000 },
      });
    given(five)
      .when(buy(alice, 3))
      .expect({ remaining: 2, orders: ["1 alice 3x1000 pending"] });
  });

  test("each order keeps the price of its moment", () => {
    given(five, buy(alice, 2))
      .when(at(START_MS + 2_000, buy(bob, 2)))
      .expect({ orders: ["1 alice 2x1000 pending", "2 bob 2x800 pending"], remaining: 1 });
  });

  test("more than remain are refused, saying how many do, and nothing is taken", () => {
    given(five, buy(alice, 3))
      .when(buy(bob, 3))
      .expect({ outcome: "not_enough_units", detail: { remaining: 2 }, events: [], remaining: 2 });
  });

  test("exactly those that remain are sold, which closes the auction", () => {
    given(five, buy(alice, 3))
      .when(buy(bob, 2))
      .expect({
        events: ["orders_placed", "auction_closed"],
        status: "closed",
        remaining: 0,
        minimumBidMinor: null,
      });
  });

  test("with `partial` what remains is sold, which closes the auction", () => {
    given(five, buy(alice, 3))
      .when(bidOf(bob, { amount: 1_000, quantity: 9, partial: true }))
      .expect({
        events: ["orders_placed", "auction_closed"],
        orders: ["1 alice 3x1000 pending", "2 bob 2x1000 pending"],
        detail: { orderId: orderId(2), quantity: 2, unitPrice: 1_000 },
      });
  });

  test("with `partial` and enough units all are sold", () => {
    given(five)
      .when(bidOf(bob, { amount: 1_000, quantity: 4, partial: true }))
      .expect({ remaining: 1, status: "open" });
  });

  test("sold out is over: the next bid is late", () => {
    given(five, buy(alice, 5)).when(buy(bob, 1)).expect({ outcome: "auction_closed" });
  });

  test("too low an offer is told so before the shortage", () => {
    given(five, buy(alice, 3))
      .when(bidOf(bob, { amount: 999, quantity: 3 }))
      .expect({ outcome: "price_moved" });
  });

  test("a bidder may buy again and again: there is no limit to one", () => {
    given(five, buy(alice, 2))
      .when(buy(alice, 2))
      .expect({ orders: ["1 alice 2x1000 pending", "2 alice 2x1000 pending"] });
  });

  test("that are paid for stay sold", () => {
    given(five, buy(alice, 2))
      .when(manage(olga, "operator", { action: "confirm", orderId: orderId(1) }))
      .expect({ remaining: 3, orders: ["1 alice 2x1000 confirmed"] });
  });

  test("that are left at the end stay with the seller", () => {
    given(five, buy(alice, 2))
      .when(at(ENDS_MS, tick))
      .expect({ status: "closed", remaining: 3, winner: null });
  });
});

describe("a unit that comes back", () => {
  const timed = create(dutchTerms({ units: 5, settlement: { payWithinMs: 2_500 } }));

  test("before the end is for sale again, at the clock's price of then", () => {
    given(five, buy(alice, 4), at(START_MS + 3_000, release(1)))
      .when(buy(bob, 5))
      .expect({ orders: ["1 alice 4x1000 released", "2 bob 5x700 pending"], status: "closed" });
    given(five, buy(alice, 4))
      .when(release(1))
      .expect({ events: ["orders_settled"], remaining: 5 });
  });

  test("because it was not paid in time is for sale again from that millisecond on", () => {
    given(timed, buy(alice, 4))
      .when(at(START_MS + 2_499, buy(bob, 2)))
      .expect({ outcome: "not_enough_units", detail: { remaining: 1 } });
    given(timed, buy(alice, 4))
      .when(at(START_MS + 2_500, buy(bob, 2)))
      .expect({
        outcome: "accepted",
        orders: ["1 alice 4x1000 expired", "2 bob 2x800 pending"],
        remaining: 3,
        detail: { orderId: orderId(2), quantity: 2, unitPrice: 800, expiresAt: START_MS + 5_000 },
      });
  });

  test("after the auction sold out opens it no more, and goes to nobody", () => {
    given(timed, buy(alice, 4), buy(bob, 1))
      .when(at(START_MS + 2_500, tick))
      .expect({ events: ["orders_settled"], status: "closed", remaining: 5 });
  });

  test("after the end goes to nobody", () => {
    given(five, buy(alice, 2), at(ENDS_MS, tick))
      .when(release(1))
      .expect({ events: ["orders_settled"], status: "closed", remaining: 5 });
  });

  test("is not offered to a runner-up: there is none", () => {
    given(five, buy(alice, 2), buy(bob, 3), release(2))
      .when(manage(olga, "operator", { action: "second_chance", orderId: orderId(2) }))
      .expect({ outcome: "not_for_format", events: [] });
  });
});
