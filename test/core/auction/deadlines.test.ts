import { describe, expect, test } from "vitest";
import { nextDeadlineMs } from "../../../core/auction/deadlines.ts";
import { decide } from "../../../core/auction/decide.ts";
import {
  alice,
  AUCTION_ID,
  bid,
  bob,
  carol,
  claim,
  create,
  dropTerms,
  dutchTerms,
  manage,
  olga,
  orderId,
  RUN_MS,
  START_MS,
  tick,
} from "../../support/builders.ts";
import { at, given } from "../../support/specification.ts";

const ENDS_MS = START_MS + RUN_MS;
const STARTS_MS = START_MS + 10_000;
const later = create({ startsAt: STARTS_MS });
const held = dropTerms({ units: 1, holdMs: 5_000 });
const confirm = manage(olga, "operator", { action: "confirm", orderId: orderId(1) });

describe("the next deadline", () => {
  test("is the start, then the end, then none", () => {
    given().when(later).expect({ nextDeadlineMs: STARTS_MS });
    given(later).when(at(STARTS_MS, tick)).expect({ nextDeadlineMs: ENDS_MS });
    given(later).when(at(ENDS_MS, tick)).expect({ nextDeadlineMs: null });
  });

  test("a tick at the deadline always moves it, so that polling comes to an end", () => {
    const terms = dutchTerms({ startsAt: STARTS_MS, units: 2, settlement: { payWithinMs: 700 } });
    let { auction } = given(create(terms), at(STARTS_MS, bid(alice, 1_000))).when(tick);
    const seen: number[] = [];
    while (auction !== null) {
      const dueMs = nextDeadlineMs(auction);
      if (dueMs === null) break;
      seen.push(dueMs - STARTS_MS);
      auction = decide(AUCTION_ID, auction, tick, dueMs).auction;
    }
    expect(seen).toEqual([700, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000]);
  });

  test("of a dutch auction is its next step, and at the floor its end", () => {
    given()
      .when(create(dutchTerms()))
      .expect({ nextDeadlineMs: START_MS + 1_000 });
    given(create(dutchTerms()))
      .when(at(START_MS + 5_000, tick))
      .expect({ nextDeadlineMs: START_MS + 6_000 });
  });

  test("of a dutch auction that ends before its next step is the end", () => {
    given()
      .when(create(dutchTerms({ endsAt: START_MS + 400 })))
      .expect({ nextDeadlineMs: START_MS + 400 });
  });

  test("of a drop is the expiry of the oldest claim that is still held, or the end", () => {
    const two = dropTerms({ holdMs: 5_000 });
    given(create(two), claim(alice), at(START_MS + 1, claim(bob)))
      .when(confirm)
      .expect({ nextDeadlineMs: START_MS + 5_001 });
    given(create(two), claim(alice)).when(confirm).expect({ nextDeadlineMs: ENDS_MS });
  });

  test("outlives the end as long as an order may expire", () => {
    const sold = given(create({ settlement: { payWithinMs: 9_000 } }), bid(alice, 1_000), at(ENDS_MS, tick));
    sold.when(tick).expect({ status: "closed", nextDeadlineMs: ENDS_MS + 9_000 });
    sold.when(confirm).expect({ status: "closed", nextDeadlineMs: null });
  });

  test("is none for an order without a time to pay, and none after a cancellation", () => {
    given(create(), bid(alice, 1_000))
      .when(at(ENDS_MS, tick))
      .expect({ orders: ["1 alice 1x1000 pending"], nextDeadlineMs: null });
    given(create(held), claim(alice))
      .when(manage(olga, "operator", { action: "cancel", reason: "recalled" }))
      .expect({ nextDeadlineMs: null });
  });
});

describe("several deadlines at once", () => {
  test("an auction that slept through everything opens, falls and ends in that order", () => {
    given(create(dutchTerms({ startsAt: STARTS_MS })))
      .when(at(ENDS_MS, bid(alice, 1_000)))
      .expect({
        outcome: "auction_closed",
        events: ["auction_opened", "price_dropped", "auction_closed"],
        priceMinor: 500,
      });
  });

  test("the earlier is met first: a claim that expired before the end finds its next buyer before the close", () => {
    given(create(held), claim(alice), claim(bob, { waitlist: true }))
      .when(at(ENDS_MS, tick))
      .expect({
        events: ["orders_settled", "orders_placed", "auction_closed"],
        orders: ["1 alice 1x2500 expired", "2 bob 1x2500 pending"],
      });
  });

  test("the earlier is met first: a claim that expires after the end is still held at the close", () => {
    given(create(held), at(ENDS_MS - 4_999, claim(alice)), claim(bob, { waitlist: true }))
      .when(at(ENDS_MS + 1, tick))
      .expect({ events: ["auction_closed", "orders_settled", "orders_placed"] });
  });

  test("an expiry at the very moment of the end comes before it", () => {
    given(create(held), at(ENDS_MS - 5_000, claim(alice)))
      .when(at(ENDS_MS, tick))
      .expect({ events: ["orders_settled", "auction_closed"], remaining: 1 });
  });

  test("a step at the very moment of the end comes before it, whether or not a tick came in between", () => {
    const terms = dutchTerms({ endsAt: START_MS + 2_000 });
    given(create(terms), at(START_MS + 1_000, tick))
      .when(at(START_MS + 2_000, tick))
      .expect({ events: ["price_dropped", "auction_closed"], priceMinor: 800 });
    given(create(terms))
      .when(at(START_MS + 9_000, tick))
      .expect({ events: ["price_dropped", "auction_closed"], priceMinor: 800 });
  });

  test("an expiry frees a unit for the very bid that wakes the auction", () => {
    given(create(held), claim(alice))
      .when(at(START_MS + 5_000, claim(carol)))
      .expect({
        outcome: "accepted",
        events: ["orders_settled", "orders_placed"],
        orders: ["1 alice 1x2500 expired", "2 carol 1x2500 pending"],
      });
  });

  test("several claims of the same moment expire in one event", () => {
    given(create(dropTerms({ holdMs: 5_000 })), claim(alice), claim(bob))
      .when(at(START_MS + 5_000, tick))
      .expect({
        events: ["orders_settled"],
        orders: ["1 alice 1x2500 expired", "2 bob 1x2500 expired"],
        remaining: 3,
      });
  });
});
