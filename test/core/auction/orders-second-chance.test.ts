import { describe, test } from "vitest";
import type { ManageBody } from "../../../shared/manage.ts";
import {
  alice,
  bid,
  bob,
  buyNow,
  carol,
  claim,
  create,
  dropTerms,
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
const end = at(ENDS_MS, tick);
const byOperator = (body: ManageBody) => manage(olga, "operator", body);
const release = (number: number) => byOperator({ action: "release", orderId: orderId(number) });
const confirm = (number: number) => byOperator({ action: "confirm", orderId: orderId(number) });
const secondChance = (number: number) =>
  byOperator({ action: "second_chance", orderId: orderId(number), reason: "never paid" });
const block = (bidderId: string) => byOperator({ action: "block", bidderId, reason: "chargebacks" });

/** Carol wins at 3,100 over Bob's maximum of 3,000 and Alice's of 2,000. */
const bids = [proxyBid(alice, 2_000), proxyBid(bob, 3_000), proxyBid(carol, 5_000)];

describe("a second chance on command", () => {
  test("offers the lot to the runner-up at the own limit, and makes the runner-up the winner", () => {
    given(create(), ...bids, end, release(1))
      .when(secondChance(1))
      .expect({
        outcome: "accepted",
        events: ["orders_placed"],
        winner: bob,
        soldForMinor: 3_000,
        orders: ["1 carol 1x3100 released", "2 bob 1x3000 pending"],
        detail: { orderId: orderId(2) },
      });
  });

  test("goes down the list, to each only once", () => {
    given(create(), ...bids, end, release(1), secondChance(1), release(2))
      .when(secondChance(2))
      .expect({
        winner: alice,
        soldForMinor: 2_000,
        orders: ["1 carol 1x3100 released", "2 bob 1x3000 released", "3 alice 1x2000 pending"],
      });
    given(create(), ...bids, end, release(1), secondChance(1), release(2), secondChance(2), release(3))
      .when(secondChance(3))
      .expect({ outcome: "no_runner_up", events: [] });
  });

  test("has nobody to go to after a single bidder", () => {
    given(create(), bid(alice, 1_000), end, release(1))
      .when(secondChance(1))
      .expect({ outcome: "no_runner_up" });
  });

  test("passes over the blocked", () => {
    given(create(), ...bids, block(bob), end, release(1))
      .when(secondChance(1))
      .expect({ winner: alice, orders: ["1 carol 1x3100 released", "2 alice 1x2000 pending"] });
  });

  test("goes to nobody below the reserve, and to whoever just meets it", () => {
    const reserved = (reservePrice: number) => given(create({ reservePrice }), ...bids, end, release(1));
    reserved(3_001).when(secondChance(1)).expect({ outcome: "no_runner_up" });
    reserved(3_000).when(secondChance(1)).expect({ outcome: "accepted", winner: bob });
  });

  test("passes over those whose bids were retracted", () => {
    const retract = byOperator({ action: "retract", bidId: "b", bidderId: bob, reason: "a typing error" });
    given(create(), ...bids, retract, end, release(1))
      .when(secondChance(1))
      .expect({ winner: alice });
  });

  test("after an unpaid buy-now has nobody to go to: whoever had bid until then was below the reserve", () => {
    const reserved = create({ buyNowPrice: 8_000, reservePrice: 1_500 });
    given(reserved, bid(alice, 1_000), bid(bob, 1_400), buyNow(carol), release(1))
      .when(secondChance(1))
      .expect({ outcome: "no_runner_up" });
    given(create({ buyNowPrice: 8_000 }), buyNow(carol), release(1))
      .when(secondChance(1))
      .expect({ outcome: "no_runner_up" });
  });

  test.each([
    ["still pending", []],
    ["paid", [confirm(1)]],
  ])("is not given while the order is %s", (_what, before) => {
    given(create(), ...bids, end, ...before)
      .when(secondChance(1))
      .expect({ outcome: "order_not_passed_over", events: [] });
  });

  test("is not given twice for one order: the second one stands in its place", () => {
    given(create(), ...bids, end, release(1), secondChance(1))
      .when(secondChance(1))
      .expect({ outcome: "order_not_passed_over", events: [] });
  });

  test("is given by the seller or an operator, and for an order that there is", () => {
    const passed = given(create(), ...bids, end, release(1));
    const body: ManageBody = { action: "second_chance", orderId: orderId(1) };
    passed.when(manage(sam, "seller", body)).expect({ outcome: "accepted" });
    passed.when(manage("sally", "seller", body)).expect({ outcome: "not_permitted" });
    passed.when(manage(bob, "bidder", body)).expect({ outcome: "not_permitted" });
    passed.when(secondChance(2)).expect({ outcome: "order_not_found" });
  });

  test("is nothing that a drop knows: there the waitlist has its turn", () => {
    given(create(dropTerms()), claim(alice), release(1))
      .when(secondChance(1))
      .expect({ outcome: "not_for_format" });
  });
});

describe("a second chance by itself", () => {
  const payWithinMs = 5_000;
  const settlement = { payWithinMs, secondChance: true };
  const automatic = given(create({ settlement }), ...bids, end);
  const DUE_MS = ENDS_MS + payWithinMs;

  test("follows the expiry in the same breath, with a time to pay of its own", () => {
    automatic.when(at(DUE_MS, tick)).expect({
      events: ["orders_settled", "orders_placed"],
      winner: bob,
      orders: ["1 carol 1x3100 expired", "2 bob 1x3000 pending"],
      nextDeadlineMs: DUE_MS + payWithinMs,
    });
    automatic.when(at(DUE_MS - 1, tick)).expect({ events: [], winner: carol });
  });

  test("follows a release too", () => {
    automatic.when(release(1)).expect({ events: ["orders_settled", "orders_placed"], winner: bob });
  });

  test("goes on until nobody is left, then rests", () => {
    given(create({ settlement }), ...bids, end, at(DUE_MS, tick), at(DUE_MS + payWithinMs, tick))
      .when(at(DUE_MS + 2 * payWithinMs, tick))
      .expect({
        events: ["orders_settled"],
        orders: ["1 carol 1x3100 expired", "2 bob 1x3000 expired", "3 alice 1x2000 expired"],
        nextDeadlineMs: null,
      });
  });

  test("gives the runner-up the whole time even when the log slept", () => {
    automatic.when(at(DUE_MS + 86_400_000, tick)).expect({
      orders: ["1 carol 1x3100 expired", "2 bob 1x3000 pending"],
      nextDeadlineMs: DUE_MS + 86_400_000 + payWithinMs,
    });
  });

  test("does not follow a payment", () => {
    automatic.when(confirm(1)).expect({ events: ["orders_settled"], winner: carol });
  });

  test("is not given where the terms do not say so", () => {
    given(create({ settlement: { payWithinMs } }), ...bids, end)
      .when(at(DUE_MS, tick))
      .expect({ events: ["orders_settled"], winner: carol });
  });
});

describe("a second chance of a sealed auction: as if those before had never bid", () => {
  const sealedBids = [bid(alice, 2_000), bid(bob, 3_000), bid(carol, 5_000)];

  test("at the first price the runner-up pays the own bid", () => {
    given(create(sealedTerms()), ...sealedBids, end, release(1))
      .when(secondChance(1))
      .expect({ winner: bob, soldForMinor: 3_000 });
  });

  test("at the second price the runner-up pays the next one", () => {
    given(create(sealedTerms({ pricing: "second" })), ...sealedBids, end, release(1))
      .when(secondChance(1))
      .expect({ winner: bob, soldForMinor: 2_000 });
  });

  test("at the second price the last one pays the reserve, or the least there is", () => {
    const last = (reservePrice?: number) =>
      given(
        create(sealedTerms({ pricing: "second", reservePrice })),
        ...sealedBids,
        end,
        release(1),
        secondChance(1),
        release(2),
      );
    last().when(secondChance(2)).expect({ winner: alice, soldForMinor: 1 });
    last(1_500).when(secondChance(2)).expect({ winner: alice, soldForMinor: 1_500 });
  });

  test("passes over the blocked, also as those whose bid sets the price", () => {
    given(create(sealedTerms({ pricing: "second" })), ...sealedBids, end, block(alice), release(1))
      .when(secondChance(1))
      .expect({ winner: bob, soldForMinor: 1 });
  });

  test("goes to nobody below the reserve", () => {
    given(create(sealedTerms({ reservePrice: 4_000 })), ...sealedBids, end, release(1))
      .when(secondChance(1))
      .expect({ outcome: "no_runner_up" });
  });
});
