import { describe, test } from "vitest";
import type { Command } from "../../../shared/commands.ts";
import {
  alice,
  bob,
  carol,
  claim,
  create,
  dave,
  dropTerms,
  manage,
  olga,
  orderId,
  RUN_MS,
  START_MS,
  tick,
} from "../../support/builders.ts";
import { at, given, type Step } from "../../support/specification.ts";

const ENDS_MS = START_MS + RUN_MS;
const wait = (bidderId: string, quantity = 1) => claim(bidderId, { quantity, waitlist: true });
const release = (number: number) => manage(olga, "operator", { action: "release", orderId: orderId(number) });
const block = (bidderId: string) =>
  manage(olga, "operator", { action: "block", bidderId, reason: "chargebacks" });
const cancel = manage(olga, "operator", { action: "cancel", reason: "recalled" });

/** Four units, up to three to a bidder; Alice has three of them and Bob one. */
const soldOut = (...rest: (Command | Step)[]) =>
  given(create(dropTerms({ units: 4, perBidder: 3 })), claim(alice, { quantity: 3 }), claim(bob), ...rest);

describe("joining the waitlist", () => {
  test("takes the next place, and says for how many and behind how many", () => {
    soldOut(wait(carol, 2))
      .when(wait(dave))
      .expect({
        outcome: "accepted",
        events: ["waitlist_joined"],
        detail: { waiting: 1, waitingBefore: 2 },
        waiting: 3,
        waitlist: ["carol 2", "dave 1"],
        orders: ["1 alice 3x2500 pending", "2 bob 1x2500 pending"],
      });
  });

  test("takes what is left at once, and waits for the rest", () => {
    given(create(dropTerms({ units: 4, perBidder: 3 })), claim(alice, { quantity: 3 }))
      .when(wait(bob, 3))
      .expect({
        events: ["orders_placed", "waitlist_joined"],
        orders: ["1 alice 3x2500 pending", "2 bob 1x2500 pending"],
        remaining: 0,
        waitlist: ["bob 2"],
        detail: { orderId: orderId(2), quantity: 1, unitPrice: 2_500, waiting: 2, waitingBefore: 0 },
        bidCount: 2,
      });
  });

  test("with enough left is a claim like any other", () => {
    given(create(dropTerms()))
      .when(wait(alice))
      .expect({
        events: ["orders_placed"],
        waiting: 0,
        detail: { orderId: orderId(1), quantity: 1, unitPrice: 2_500 },
      });
  });

  test("twice is two places, within the limit", () => {
    soldOut(wait(carol), wait(dave))
      .when(wait(carol))
      .expect({ waitlist: ["carol 1", "dave 1", "carol 1"], detail: { waiting: 2, waitingBefore: 1 } });
  });

  test("while somebody waits, a plain claim gets nothing: the waitlist goes first", () => {
    soldOut(wait(carol)).when(claim(dave)).expect({ outcome: "sold_out", remaining: 0 });
  });
});

describe("a unit that comes back", () => {
  test("goes to the first place at once, as an order of its own", () => {
    soldOut(wait(carol), wait(dave))
      .when(release(2))
      .expect({
        events: ["orders_settled", "orders_placed"],
        orders: ["1 alice 3x2500 pending", "2 bob 1x2500 released", "3 carol 1x2500 pending"],
        waitlist: ["dave 1"],
        remaining: 0,
        bidCount: 4,
      });
  });

  test("several go down the list in one event, in order", () => {
    soldOut(wait(dave), wait(bob), wait(carol))
      .when(release(1))
      .expect({
        events: ["orders_settled", "orders_placed"],
        orders: [
          "1 alice 3x2500 released",
          "2 bob 1x2500 pending",
          "3 dave 1x2500 pending",
          "4 bob 1x2500 pending",
          "5 carol 1x2500 pending",
        ],
        waitlist: [],
        remaining: 0,
      });
  });

  test("more than are waited for leave the rest for sale", () => {
    soldOut(wait(carol)).when(release(1)).expect({ remaining: 2, waiting: 0 });
  });

  test("whoever waits for several takes them as they come and keeps the place for the rest", () => {
    soldOut(wait(carol, 3), wait(dave))
      .when(release(2))
      .expect({
        orders: ["1 alice 3x2500 pending", "2 bob 1x2500 released", "3 carol 1x2500 pending"],
        waitlist: ["carol 2", "dave 1"],
      });
    soldOut(wait(carol, 3), wait(dave), release(2))
      .when(release(1))
      .expect({
        orders: [
          "1 alice 3x2500 released",
          "2 bob 1x2500 released",
          "3 carol 1x2500 pending",
          "4 carol 2x2500 pending",
          "5 dave 1x2500 pending",
        ],
        waitlist: [],
        remaining: 0,
      });
  });

  test("after the first of a bidder's two places keeps the second in its order", () => {
    soldOut(wait(carol), wait(dave), wait(carol))
      .when(release(2))
      .expect({ waitlist: ["dave 1", "carol 1"] });
  });

  test("because its hold has expired goes on, with a hold of its own from then", () => {
    given(create(dropTerms({ units: 1, holdMs: 5_000 })), claim(alice), wait(bob), wait(carol))
      .when(at(START_MS + 5_000, tick))
      .expect({
        orders: ["1 alice 1x2500 expired", "2 bob 1x2500 pending"],
        nextDeadlineMs: START_MS + 10_000,
      });
  });

  test("at the very moment of another's claim goes to whoever waits", () => {
    given(create(dropTerms({ units: 1, holdMs: 5_000 })), claim(alice), wait(bob))
      .when(at(START_MS + 5_000, claim(carol)))
      .expect({
        outcome: "sold_out",
        events: ["orders_settled", "orders_placed"],
        orders: ["1 alice 1x2500 expired", "2 bob 1x2500 pending"],
      });
  });

  test("that nobody pays for goes through the whole list, one hold after the other", () => {
    given(
      create(dropTerms({ units: 1, holdMs: 5_000 })),
      claim(alice),
      wait(bob),
      wait(carol),
      at(START_MS + 5_000, tick),
      at(START_MS + 10_000, tick),
    )
      .when(at(START_MS + 15_000, tick))
      .expect({
        orders: ["1 alice 1x2500 expired", "2 bob 1x2500 expired", "3 carol 1x2500 expired"],
        remaining: 1,
        waiting: 0,
      });
  });

  test("never goes to the one who waits beyond the limit: units of live orders count", () => {
    given(create(dropTerms({ units: 1, perBidder: 2 })), claim(alice), claim(alice, { waitlist: true }))
      .when(release(1))
      .expect({ orders: ["1 alice 1x2500 released", "2 alice 1x2500 pending"], waiting: 0 });
  });
});

describe("the waitlist", () => {
  test("outlives the end: a unit that is given up afterwards still finds whoever waits", () => {
    soldOut(wait(carol), at(ENDS_MS, tick))
      .when(release(2))
      .expect({
        status: "closed",
        orders: ["1 alice 3x2500 pending", "2 bob 1x2500 released", "3 carol 1x2500 pending"],
      });
  });

  test("is not joined after the end", () => {
    soldOut()
      .when(at(ENDS_MS, wait(carol)))
      .expect({ outcome: "auction_closed", waiting: 0 });
  });

  test("does not outlive a cancellation: what comes back goes to nobody", () => {
    soldOut(wait(carol))
      .when(cancel)
      .expect({
        events: ["auction_cancelled", "orders_settled"],
        orders: ["1 alice 3x2500 released", "2 bob 1x2500 released"],
        waiting: 0,
      });
  });

  test("loses a bidder who is blocked, at every place, and goes on with the next", () => {
    soldOut(wait(carol, 2), wait(dave), wait(carol))
      .when(block(carol))
      .expect({ events: ["bidder_blocked"], waiting: 1, waitlist: ["dave 1"] });
    soldOut(wait(carol, 2), wait(dave), block(carol))
      .when(release(1))
      .expect({
        orders: ["1 alice 3x2500 released", "2 bob 1x2500 pending", "3 dave 1x2500 pending"],
        remaining: 2,
      });
  });

  test("is joined anew at its end by whoever is unblocked", () => {
    const unblock = manage(olga, "operator", { action: "unblock", bidderId: carol, reason: "paid up" });
    soldOut(wait(carol), wait(dave), block(carol), unblock)
      .when(wait(carol))
      .expect({ waitlist: ["dave 1", "carol 1"] });
  });

  test("keeps its places when the middle of it goes", () => {
    soldOut(wait(carol), wait(dave), wait("erin"), block(dave))
      .when(release(1))
      .expect({
        orders: [
          "1 alice 3x2500 released",
          "2 bob 1x2500 pending",
          "3 carol 1x2500 pending",
          "4 erin 1x2500 pending",
        ],
        remaining: 1,
      });
  });
});
