import { describe, test } from "vitest";
import type { Command, ManageCommand } from "../../../shared/commands.ts";
import type { ManageBody } from "../../../shared/manage.ts";
import {
  alice,
  bid,
  bidOf,
  bob,
  buyNow,
  claim,
  create,
  dropTerms,
  dutchTerms,
  manage,
  olga,
  orderId,
  RUN_MS,
  sam,
  sealedTerms,
  START_MS,
  tick,
} from "../../support/builders.ts";
import { at, given, type Step } from "../../support/specification.ts";

const ENDS_MS = START_MS + RUN_MS;
const end = at(ENDS_MS, tick);
type Settling = "confirm" | "release" | "expire";
const asked = (action: Settling, number = 1, reason = "as agreed"): ManageBody => ({
  action,
  orderId: orderId(number),
  reason,
});
const byOperator = (action: Settling, number = 1) => manage(olga, "operator", asked(action, number));
/** Alice has claimed one of three units. */
const claimed = (...rest: (Command | Step)[]) => given(create(dropTerms()), claim(alice), ...rest);

describe("an order is placed", () => {
  test("by a close with a winner, at the price", () => {
    given(create(), bid(alice, 1_000), bid(bob, 1_200))
      .when(end)
      .expect({ orders: ["1 bob 1x1200 pending"] });
    given(create(sealedTerms()), bid(alice, 700))
      .when(end)
      .expect({ orders: ["1 alice 1x700 pending"] });
  });

  test("by no close of an auction that opened by rules 1: their logs replay to the same bytes", () => {
    given({ ...create(), rules: 1 }, bid(alice, 1_000))
      .when(end)
      .expect({ events: ["auction_closed"], winner: alice, orders: [] });
  });

  test("by a buy-now, a dutch buy and a claim", () => {
    given(create({ buyNowPrice: 8_000 }))
      .when(buyNow(alice))
      .expect({ orders: ["1 alice 1x8000 pending"] });
    given(create(dutchTerms({ units: 3 })))
      .when(bidOf(alice, { amount: 1_000, quantity: 2 }))
      .expect({ orders: ["1 alice 2x1000 pending"] });
    given(create(dropTerms()))
      .when(claim(alice))
      .expect({ orders: ["1 alice 1x2500 pending"] });
  });

  test("by a waitlist's turn", () => {
    given(create(dropTerms({ units: 1 })), claim(alice), claim(bob, { waitlist: true }))
      .when(byOperator("release"))
      .expect({ orders: ["1 alice 1x2500 released", "2 bob 1x2500 pending"] });
  });

  test("not by a close without a winner", () => {
    given(create({ reservePrice: 2_000 }), bid(alice, 1_000))
      .when(end)
      .expect({ orders: [] });
    given(create()).when(end).expect({ orders: [] });
  });

  test("with a number that goes on within the auction", () => {
    claimed(claim(bob))
      .when(claim("carol"))
      .expect({ orders: ["1 alice 1x2500 pending", "2 bob 1x2500 pending", "3 carol 1x2500 pending"] });
  });
});

describe("a pending order", () => {
  test.each<[Settling, string]>([
    ["confirm", "confirmed"],
    ["release", "released"],
    ["expire", "expired"],
  ])("can %s, which is final", (action, status) => {
    claimed()
      .when(byOperator(action))
      .expect({ events: ["orders_settled"], orders: [`1 alice 1x2500 ${status}`] });
    for (const again of ["confirm", "release", "expire"] as const)
      claimed(byOperator(action))
        .when(byOperator(again))
        .expect({ outcome: "order_not_pending", events: [], orders: [`1 alice 1x2500 ${status}`] });
  });

  test("of a confirmed sale keeps its units sold; released and expired ones come back", () => {
    claimed().when(byOperator("confirm")).expect({ remaining: 2 });
    claimed().when(byOperator("release")).expect({ remaining: 3 });
    claimed().when(byOperator("expire")).expect({ remaining: 3 });
  });

  test("can be settled after the close", () => {
    claimed(end).when(byOperator("confirm")).expect({ outcome: "accepted", status: "closed" });
  });
});

describe("who may settle an order", () => {
  type Who = [who: string, actorId: string, role: ManageCommand["role"]];
  const operator: Who = ["an operator", olga, "operator"];
  const seller: Who = ["the auction's seller", sam, "seller"];
  const buyer: Who = ["its buyer", alice, "bidder"];
  const other: Who = ["another bidder", bob, "bidder"];
  const otherSeller: Who = ["another seller", "sally", "seller"];
  const sellerAsBidder: Who = ["the seller, admitted as a bidder", sam, "bidder"];

  test.each<[...Who, allowed: Settling[]]>([
    [...operator, ["confirm", "release", "expire"]],
    [...seller, ["confirm", "release"]],
    [...buyer, ["release"]],
    [...other, []],
    [...otherSeller, []],
    [...sellerAsBidder, []],
  ])("%s (%s as %s) may %j", (_who, actorId, role, allowed) => {
    for (const action of ["confirm", "release", "expire"] as const)
      claimed()
        .when(manage(actorId, role, asked(action)))
        .expect({ outcome: allowed.includes(action) ? "accepted" : "not_permitted" });
  });

  test("the buyer of one order has no say in another", () => {
    claimed(claim(bob))
      .when(manage(bob, "bidder", asked("release", 1)))
      .expect({ outcome: "not_permitted", events: [] });
  });
});

describe("an order that there is not", () => {
  test("is not found by its owner, and tells a stranger nothing", () => {
    claimed().when(byOperator("confirm", 2)).expect({ outcome: "order_not_found", events: [] });
    claimed()
      .when(manage(alice, "bidder", asked("release", 2)))
      .expect({ outcome: "not_permitted" });
  });

  test("is one of another auction, whatever its number", () => {
    claimed()
      .when(manage(olga, "operator", { action: "confirm", orderId: "another-auction-1" }))
      .expect({ outcome: "order_not_found" });
  });
});

describe("the time to pay", () => {
  const payWithinMs = 5_000;
  const sold = given(create({ settlement: { payWithinMs } }), bid(alice, 1_000), end);
  const DUE_MS = ENDS_MS + payWithinMs;

  test("runs from the close, to the millisecond, without any tick", () => {
    sold
      .when(at(DUE_MS - 1, byOperator("confirm")))
      .expect({ outcome: "accepted", orders: ["1 alice 1x1000 confirmed"] });
    sold.when(at(DUE_MS, byOperator("confirm"))).expect({
      outcome: "order_not_pending",
      events: ["orders_settled"],
      orders: ["1 alice 1x1000 expired"],
    });
  });

  test("ends by a tick alone, and never again", () => {
    sold
      .when(at(DUE_MS, tick))
      .expect({ events: ["orders_settled"], orders: ["1 alice 1x1000 expired"], nextDeadlineMs: null });
  });

  test("leaves the winner in the books: that nobody paid is the order's story", () => {
    sold.when(at(DUE_MS, tick)).expect({ winner: alice, soldForMinor: 1_000 });
  });

  test("runs from each order's own placing", () => {
    const timed = create(dutchTerms({ units: 3, stepMs: 60_000, settlement: { payWithinMs } }));
    given(timed, bid(alice, 1_000), at(START_MS + 1, bid(bob, 1_000)))
      .when(at(START_MS + payWithinMs, tick))
      .expect({
        orders: ["1 alice 1x1000 expired", "2 bob 1x1000 pending"],
        nextDeadlineMs: START_MS + payWithinMs + 1,
      });
  });

  test("passes over orders that were settled out of turn", () => {
    const timed = create(dropTerms({ holdMs: payWithinMs }));
    given(timed, claim(alice), claim(bob), claim("carol"), byOperator("confirm", 2))
      .when(at(START_MS + payWithinMs, tick))
      .expect({
        orders: ["1 alice 1x2500 expired", "2 bob 1x2500 confirmed", "3 carol 1x2500 expired"],
      });
  });

  test("without a limit never ends by itself", () => {
    given(create(), bid(alice, 1_000), end)
      .when(at(ENDS_MS + 366 * 86_400_000, tick))
      .expect({ events: [], orders: ["1 alice 1x1000 pending"] });
  });
});
