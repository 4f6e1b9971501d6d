import { describe, test } from "vitest";
import type { ManageCommand } from "../../../shared/commands.ts";
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
import { at, given } from "../../support/specification.ts";

const ENDS_MS = START_MS + RUN_MS;
const STARTS_MS = START_MS + 10_000;
const later = create({ startsAt: STARTS_MS });
const byOperator = (body: ManageBody) => manage(olga, "operator", body);
const bySeller = (body: ManageBody) => manage(sam, "seller", body);
const cancel: ManageBody = { action: "cancel", reason: "damaged" };
const end: ManageBody = { action: "end", reason: "in a hurry" };
const changeEnd = (endsAt: number): ManageBody => ({ action: "change_end", endsAt, reason: "a holiday" });
const block = (bidderId: string): ManageBody => ({ action: "block", bidderId, reason: "chargebacks" });
const unblock = (bidderId: string): ManageBody => ({ action: "unblock", bidderId, reason: "paid up" });
const retract = (bidderId: string): ManageBody => ({
  action: "retract",
  bidId: "b",
  bidderId,
  reason: "an error",
});

describe("who may do what", () => {
  type Action = "cancel" | "end" | "change_end" | "block" | "unblock" | "retract";
  const bodies: Record<Action, ManageBody> = {
    cancel,
    end,
    change_end: changeEnd(ENDS_MS + 1),
    block: block(bob),
    unblock: unblock(bob),
    retract: retract(alice),
  };
  const sellers: Action[] = ["cancel", "end", "change_end"];
  const all = Object.keys(bodies) as Action[];

  test.each<[who: string, actorId: string, role: ManageCommand["role"], allowed: Action[]]>([
    ["an operator", olga, "operator", all],
    ["the auction's seller", sam, "seller", sellers],
    ["another seller", "sally", "seller", []],
    ["the seller, admitted as a bidder", sam, "bidder", []],
    ["a bidder", alice, "bidder", []],
  ])("%s (%s as %s) may %j", (_who, actorId, role, allowed) => {
    for (const action of all) {
      const history = action === "retract" ? [create(), bid(alice, 1_000)] : [create()];
      given(...history)
        .when(manage(actorId, role, bodies[action]))
        .expect({ outcome: allowed.includes(action) ? "accepted" : "not_permitted" });
    }
  });

  test("a stranger learns that before anything else", () => {
    given(create(), bid(alice, 1_000), at(ENDS_MS, tick))
      .when(manage(alice, "bidder", cancel))
      .expect({ outcome: "not_permitted", events: [] });
  });
});

describe("cancelling", () => {
  test("before the start and while open leaves no winner and no price to pay", () => {
    given(later)
      .when(bySeller(cancel))
      .expect({ events: ["auction_cancelled"], status: "cancelled", winner: null, nextDeadlineMs: null });
    given(create(), bid(alice, 1_000))
      .when(byOperator(cancel))
      .expect({ status: "cancelled", winner: null, orders: [], minimumBidMinor: null });
  });

  test("releases pending orders and leaves confirmed ones", () => {
    const confirm = byOperator({ action: "confirm", orderId: orderId(2) });
    given(create(dropTerms()), claim(alice), claim(bob), claim(carol), confirm)
      .when(bySeller(cancel))
      .expect({
        events: ["auction_cancelled", "orders_settled"],
        orders: ["1 alice 1x2500 released", "2 bob 1x2500 confirmed", "3 carol 1x2500 released"],
      });
  });

  test("is over at the end, and once is enough", () => {
    given(create(), bid(alice, 1_000))
      .when(at(ENDS_MS, bySeller(cancel)))
      .expect({ outcome: "auction_closed", status: "closed", winner: alice });
    given(create())
      .when(at(ENDS_MS - 1, bySeller(cancel)))
      .expect({ outcome: "accepted" });
    given(create(), bySeller(cancel))
      .when(bySeller(cancel))
      .expect({ outcome: "auction_cancelled", events: [] });
  });

  test("leaves nothing to end or to change", () => {
    given(create(), bySeller(cancel)).when(bySeller(end)).expect({ outcome: "auction_cancelled" });
    given(create(), bySeller(cancel))
      .when(bySeller(changeEnd(ENDS_MS + 1)))
      .expect({ outcome: "auction_cancelled" });
    given(create(), bid(alice, 1_000), bySeller(cancel))
      .when(byOperator(retract(alice)))
      .expect({ outcome: "auction_cancelled" });
  });
});

describe("ending early", () => {
  test("sells at once to whom the end would have sold", () => {
    given(create(), bid(alice, 1_000), bid(bob, 1_200))
      .when(at(START_MS + 5_000, bySeller(end)))
      .expect({
        events: ["auction_closed", "orders_placed"],
        status: "closed",
        winner: bob,
        soldForMinor: 1_200,
      });
  });

  test("is then when the auction ended", () => {
    given(create(), bid(alice, 1_000))
      .when(at(START_MS + 5_000, bySeller(end)))
      .expect({ endsAtMs: START_MS + 5_000, nextDeadlineMs: null });
  });

  test("without bids, or below the reserve, sells to nobody", () => {
    given(create()).when(bySeller(end)).expect({ status: "closed", winner: null });
    given(create({ reservePrice: 2_000 }), bid(alice, 1_000))
      .when(bySeller(end))
      .expect({ events: ["auction_closed"], winner: null });
  });

  test("of a dutch auction and of a drop leaves what was sold", () => {
    given(create(dutchTerms({ units: 2 })), bid(alice, 1_000))
      .when(bySeller(end))
      .expect({ events: ["auction_closed"], remaining: 1, orders: ["1 alice 1x1000 pending"] });
    given(create(dropTerms()), claim(alice))
      .when(bySeller(end))
      .expect({ status: "closed", orders: ["1 alice 1x2500 pending"] });
  });

  test("makes the next bid late", () => {
    given(create(), bySeller(end)).when(bid(alice, 1_000)).expect({ outcome: "auction_closed" });
  });

  test("is neither for an auction that has not begun nor for one that is over", () => {
    given(later).when(bySeller(end)).expect({ outcome: "auction_not_started", status: "scheduled" });
    given(later)
      .when(at(STARTS_MS, bySeller(end)))
      .expect({ events: ["auction_opened", "auction_closed"] });
    given(create())
      .when(at(ENDS_MS, bySeller(end)))
      .expect({ outcome: "auction_closed" });
    given(create({ buyNowPrice: 5_000 }), buyNow(alice))
      .when(bySeller(end))
      .expect({ outcome: "auction_closed", winner: alice });
  });
});

describe("changing the end", () => {
  test("before the first bid moves it, later or earlier, and the deadline with it", () => {
    for (const endsAtMs of [ENDS_MS + 5_000, START_MS + 1])
      given(create())
        .when(bySeller(changeEnd(endsAtMs)))
        .expect({ events: ["end_changed"], endsAtMs, nextDeadlineMs: endsAtMs });
  });

  test("counts: bids up to the new end are taken, none at it (I6)", () => {
    const longer = given(create(), bySeller(changeEnd(ENDS_MS + 5_000)));
    longer.when(at(ENDS_MS + 4_999, bid(alice, 1_000))).expect({ outcome: "accepted" });
    longer.when(at(ENDS_MS + 5_000, bid(alice, 1_000))).expect({ outcome: "auction_closed" });
    given(create(), bySeller(changeEnd(START_MS + 5_000)))
      .when(at(START_MS + 5_000, bid(alice, 1_000)))
      .expect({ outcome: "auction_closed" });
  });

  test("of a dutch auction keeps the clock's pace", () => {
    given(create(dutchTerms()), bySeller(changeEnd(START_MS + 2_500)))
      .when(at(START_MS + 2_400, tick))
      .expect({ priceMinor: 800, endsAtMs: START_MS + 2_500 });
  });

  test.each([
    ["english", create(), bid(alice, 1_000)],
    ["dutch", create(dutchTerms({ units: 2 })), bid(alice, 1_000)],
    ["sealed", create(sealedTerms()), bid(alice, 1_000)],
    ["drop", create(dropTerms()), claim(alice)],
  ])("is over with the first accepted bid: %s", (_format, created, first) => {
    given(created, first)
      .when(bySeller(changeEnd(ENDS_MS + 5_000)))
      .expect({ outcome: "has_bids", events: [] });
  });

  test("stays over when that bid was retracted: somebody relied on the end", () => {
    given(create(), bid(alice, 1_000), byOperator(retract(alice)))
      .when(bySeller(changeEnd(ENDS_MS + 5_000)))
      .expect({ outcome: "has_bids" });
  });

  test("goes to a moment after now, and after the start", () => {
    given(create())
      .when(at(START_MS + 5_000, bySeller(changeEnd(START_MS + 5_000))))
      .expect({ outcome: "end_not_in_future", endsAtMs: ENDS_MS });
    given(create())
      .when(at(START_MS + 5_000, bySeller(changeEnd(START_MS + 5_001))))
      .expect({ outcome: "accepted" });
    given(later)
      .when(bySeller(changeEnd(STARTS_MS)))
      .expect({ outcome: "end_not_in_future", status: "scheduled" });
    given(later)
      .when(bySeller(changeEnd(STARTS_MS + 1)))
      .expect({ outcome: "accepted" });
  });

  test("at the end is too late", () => {
    given(create())
      .when(at(ENDS_MS, bySeller(changeEnd(ENDS_MS + 5_000))))
      .expect({ outcome: "auction_closed" });
  });
});

describe("blocking a bidder", () => {
  test("leaves what the bidder has bid: it may still win", () => {
    given(create(), bid(alice, 1_000), byOperator(block(alice)))
      .when(at(ENDS_MS, tick))
      .expect({ winner: alice });
    given(create(), bid(alice, 1_000))
      .when(byOperator(block(alice)))
      .expect({ leader: alice, priceMinor: 1_000 });
  });

  test("until it is retracted", () => {
    given(create(), bid(bob, 1_000), bid(alice, 1_100), byOperator(block(alice)), byOperator(retract(alice)))
      .when(at(ENDS_MS, tick))
      .expect({ winner: bob });
  });

  test("leaves the own orders to be given up", () => {
    given(create(dropTerms()), claim(alice), byOperator(block(alice)))
      .when(manage(alice, "bidder", { action: "release", orderId: orderId(1) }))
      .expect({ outcome: "accepted", remaining: 3 });
  });

  test("may come before the first bid and before the start", () => {
    given(later, byOperator(block(alice)))
      .when(at(STARTS_MS, bid(alice, 1_000)))
      .expect({ outcome: "bidder_blocked" });
  });

  test("twice changes nothing, nor does unblocking whoever is not", () => {
    given(create(), byOperator(block(alice)))
      .when(byOperator(block(alice)))
      .expect({ outcome: "accepted", events: [] });
    given(create())
      .when(byOperator(unblock(alice)))
      .expect({ outcome: "accepted", events: [] });
  });
});

describe("retracting", () => {
  test("is for formats whose bids stand: a dutch buy and a claim are orders", () => {
    given(create(dutchTerms({ units: 2 })), bid(alice, 1_000))
      .when(byOperator(retract(alice)))
      .expect({ outcome: "not_for_format", events: [] });
    given(create(dropTerms()), claim(alice))
      .when(byOperator(retract(alice)))
      .expect({ outcome: "not_for_format", events: [] });
  });
});
