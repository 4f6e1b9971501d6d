import { describe, test } from "vitest";
import {
  alice,
  bob,
  carol,
  claim,
  create,
  dave,
  dropTerms,
  manage,
  orderId,
  RUN_MS,
  sam,
  START_MS,
  tick,
} from "../../support/builders.ts";
import { at, given } from "../../support/specification.ts";

const ENDS_MS = START_MS + RUN_MS;
/** Three units, one to a bidder. */
const three = create(dropTerms());
/** Five units, up to four to a bidder. */
const five = create(dropTerms({ units: 5, perBidder: 4 }));
const release = (bidderId: string, number: number) =>
  manage(bidderId, "bidder", { action: "release", orderId: orderId(number) });

describe("a claim", () => {
  test("takes one unit at the fixed price", () => {
    given(three)
      .when(claim(alice))
      .expect({
        outcome: "accepted",
        events: ["orders_placed"],
        orders: ["1 alice 1x2500 pending"],
        remaining: 2,
        bidCount: 1,
        priceMinor: 2_500,
        minimumBidMinor: null,
        detail: { orderId: orderId(1), quantity: 1, unitPrice: 2_500 },
      });
  });

  test("takes as many as it asks for, or none", () => {
    given(five)
      .when(claim(alice, { quantity: 4 }))
      .expect({ remaining: 1 });
    given(five, claim(alice, { quantity: 4 }))
      .when(claim(bob, { quantity: 2 }))
      .expect({ outcome: "not_enough_units", detail: { remaining: 1 }, events: [], remaining: 1 });
  });

  test("of exactly what remains takes it all", () => {
    given(five, claim(alice, { quantity: 3 }))
      .when(claim(bob, { quantity: 2 }))
      .expect({ outcome: "accepted", remaining: 0 });
  });

  test("with `partial` takes what remains, and waits for nothing", () => {
    given(five, claim(alice, { quantity: 3 }))
      .when(claim(bob, { quantity: 4, partial: true }))
      .expect({
        remaining: 0,
        waiting: 0,
        orders: ["1 alice 3x2500 pending", "2 bob 2x2500 pending"],
        detail: { orderId: orderId(2), quantity: 2, unitPrice: 2_500 },
      });
  });

  test("after the last unit is refused, and offered the waitlist, `partial` or not", () => {
    const soldOut = given(three, claim(alice), claim(bob), claim(carol));
    soldOut
      .when(claim(dave))
      .expect({ outcome: "sold_out", detail: { waitlist: true }, events: [], remaining: 0, waiting: 0 });
    soldOut.when(claim(dave, { partial: true })).expect({ outcome: "sold_out" });
  });

  test("of the seller is refused", () => {
    given(three).when(claim(sam)).expect({ outcome: "self_bid" });
  });
});

describe("exactly the units there are (I5)", () => {
  test("are sold, to the first in the order of the log", () => {
    given(three, claim(bob), claim(dave), claim(alice))
      .when(claim(carol))
      .expect({
        outcome: "sold_out",
        orders: ["1 bob 1x2500 pending", "2 dave 1x2500 pending", "3 alice 1x2500 pending"],
      });
  });

  test("a drop that has sold out stays open: a unit may come back", () => {
    given(three, claim(alice), claim(bob), claim(carol)).when(tick).expect({ status: "open" });
    given(three, claim(alice), claim(bob), claim(carol), release(bob, 2))
      .when(claim(dave))
      .expect({ outcome: "accepted", remaining: 0 });
  });
});

describe("the limit to one bidder (I5)", () => {
  test("is one without `perBidder`, whatever the key", () => {
    given(three, claim(alice, {}, "first-key"))
      .when(claim(alice, {}, "second-key"))
      .expect({ outcome: "limit_reached", detail: { limit: 1 }, remaining: 2 });
  });

  test("counts units over all orders, exactly up to it", () => {
    given(five, claim(alice, { quantity: 2 }))
      .when(claim(alice, { quantity: 2 }))
      .expect({ outcome: "accepted", remaining: 1 });
    given(five, claim(alice, { quantity: 2 }))
      .when(claim(alice, { quantity: 3 }))
      .expect({ outcome: "limit_reached", detail: { limit: 4 }, remaining: 3 });
  });

  test("is looked at first: a claim beyond it is told so, however few are left", () => {
    given(five, claim(alice, { quantity: 4 }), claim(bob))
      .when(claim(carol, { quantity: 5 }))
      .expect({ outcome: "limit_reached" });
    given(five)
      .when(claim(carol, { quantity: 5, partial: true }))
      .expect({ outcome: "limit_reached" });
  });

  test("counts what is waited for", () => {
    const soldOut = create(dropTerms({ units: 1, perBidder: 2 }));
    given(soldOut, claim(bob), claim(alice, { quantity: 2, waitlist: true }))
      .when(claim(alice, { waitlist: true }))
      .expect({ outcome: "limit_reached", detail: { limit: 2 }, waiting: 2 });
    given(soldOut, claim(bob), claim(alice, { waitlist: true }))
      .when(claim(alice, { waitlist: true }))
      .expect({ outcome: "accepted", waiting: 2 });
  });

  test("counts what is paid for, and no more what was given up or has expired", () => {
    const paid = manage(sam, "seller", { action: "confirm", orderId: orderId(1) });
    given(three, claim(alice), paid).when(claim(alice)).expect({ outcome: "limit_reached" });
    given(three, claim(alice), release(alice, 1)).when(claim(alice)).expect({ outcome: "accepted" });
    given(create(dropTerms({ holdMs: 1_000 })), claim(alice))
      .when(at(START_MS + 1_000, claim(alice)))
      .expect({ outcome: "accepted" });
  });

  test("above the units there are is no more than these", () => {
    given(create(dropTerms({ units: 2, perBidder: 9 })))
      .when(claim(alice, { quantity: 3 }))
      .expect({ outcome: "not_enough_units", detail: { remaining: 2 } });
  });
});

describe("a hold", () => {
  const held = create(dropTerms({ units: 1, holdMs: 5_000 }));

  test("is told with the claim", () => {
    given(held)
      .when(at(START_MS + 7, claim(alice)))
      .expect({
        detail: { orderId: orderId(1), quantity: 1, unitPrice: 2_500, expiresAt: START_MS + 5_007 },
        nextDeadlineMs: START_MS + 5_007,
      });
  });

  test("keeps the unit up to its last millisecond, and not at its end", () => {
    given(held, claim(alice))
      .when(at(START_MS + 4_999, claim(bob)))
      .expect({ outcome: "sold_out" });
    given(held, claim(alice))
      .when(at(START_MS + 5_000, claim(bob)))
      .expect({
        outcome: "accepted",
        events: ["orders_settled", "orders_placed"],
        orders: ["1 alice 1x2500 expired", "2 bob 1x2500 pending"],
      });
  });

  test("expires by a tick alone", () => {
    given(held, claim(alice))
      .when(at(START_MS + 5_000, tick))
      .expect({ events: ["orders_settled"], remaining: 1, nextDeadlineMs: ENDS_MS });
  });

  test("of a claim that was confirmed in time expires no more", () => {
    const confirm = manage(sam, "seller", { action: "confirm", orderId: orderId(1) });
    given(held, claim(alice), at(START_MS + 4_999, confirm))
      .when(at(START_MS + 5_000, tick))
      .expect({ events: [], orders: ["1 alice 1x2500 confirmed"], remaining: 0 });
  });

  test("absent lasts until the claim is confirmed or released, the end or no end", () => {
    given(three, claim(alice))
      .when(at(ENDS_MS + 86_400_000, tick))
      .expect({ events: ["auction_closed"], orders: ["1 alice 1x2500 pending"], nextDeadlineMs: null });
  });
});

describe("the end of a drop", () => {
  test("refuses later claims, and leaves what was not sold", () => {
    given(three, claim(alice))
      .when(at(ENDS_MS, claim(bob)))
      .expect({ outcome: "auction_closed", remaining: 2, winner: null });
  });

  test("one millisecond before it a claim is taken (I6)", () => {
    given(three)
      .when(at(ENDS_MS - 1, claim(bob)))
      .expect({ outcome: "accepted" });
  });
});
