import { describe, expect, test } from "vitest";
import { renderLeaderboard } from "../../../core/auction/render.ts";
import { LEADERBOARD_SIZE } from "../../../shared/auctions.ts";
import { alice, bid, bob, carol, create, RUN_MS, START_MS, tick } from "../../support/builders.ts";
import { at, given } from "../../support/specification.ts";

const MAX = Number.MAX_SAFE_INTEGER;
const tiers = [
  { from: 0, step: 5 },
  { from: 1_000, step: 50 },
  { from: 5_000, step: 250 },
];

describe("the first bid", () => {
  test("at the start price leads at that price", () => {
    given(create())
      .when(bid(alice, 1_000))
      .expect({
        outcome: "accepted",
        events: ["bid_accepted"],
        leader: alice,
        priceMinor: 1_000,
        bidCount: 1,
        version: 2,
      });
  });

  test("one minor unit below the start price is refused, naming the start price", () => {
    given(create()).when(bid(alice, 999)).expect({
      outcome: "bid_too_low",
      refusedBelow: 1_000,
      events: [],
      leader: null,
      priceMinor: null,
      version: 1,
    });
  });

  test("above the start price leads at what it offers", () => {
    given(create()).when(bid(alice, 7_777)).expect({ leader: alice, priceMinor: 7_777 });
  });

  test("needs the start price and no increment", () => {
    given(create({ startPrice: 1, increment: 1_000 }))
      .when(bid(alice, 1))
      .expect({ outcome: "accepted" });
  });
});

describe("a further bid", () => {
  test("at the price plus the increment leads", () => {
    given(create(), bid(alice, 1_000))
      .when(bid(bob, 1_100))
      .expect({ outcome: "accepted", leader: bob, priceMinor: 1_100 });
  });

  test("one minor unit below that is refused, naming the least, and the leader stays", () => {
    given(create(), bid(alice, 1_000))
      .when(bid(bob, 1_099))
      .expect({ outcome: "bid_too_low", refusedBelow: 1_100, leader: alice, priceMinor: 1_000, bidCount: 1 });
  });

  test("equal to the price is refused: the earlier of two equal bids leads", () => {
    given(create(), bid(alice, 1_000))
      .when(bid(bob, 1_000))
      .expect({ outcome: "bid_too_low", leader: alice });
  });

  test("between two steps counts as it is, and the next least is measured from it", () => {
    given(create(), bid(alice, 1_000))
      .when(bid(bob, 1_137))
      .expect({ outcome: "accepted", priceMinor: 1_137, minimumBidMinor: 1_237 });
  });

  test("of the leader raises the own bid", () => {
    given(create(), bid(alice, 1_000))
      .when(bid(alice, 1_100))
      .expect({ outcome: "accepted", leader: alice, bidCount: 2 });
  });
});

describe("tiered increments", () => {
  test.each([
    [999, 1_004, "below the second tier"],
    [1_000, 1_050, "exactly where the second tier begins"],
    [1_001, 1_051, "just inside the second tier"],
    [4_999, 5_049, "just below the third tier"],
    [5_000, 5_250, "exactly where the third tier begins"],
    [1_000_000, 1_000_250, "far above the last tier"],
  ])("at a price of %i the next bid is at least %i: %s", (price, least) => {
    const led = given(create({ startPrice: 1, increment: tiers }), bid(alice, price));
    led.when(bid(bob, least)).expect({ outcome: "accepted", priceMinor: least });
    led.when(bid(bob, least - 1)).expect({ outcome: "bid_too_low", refusedBelow: least });
  });

  test("the step is that of the price, not of the amount offered", () => {
    given(create({ startPrice: 1, increment: tiers }), bid(alice, 999))
      .when(bid(bob, 1_004))
      .expect({ outcome: "accepted" });
  });
});

describe("at the top of the safe integers", () => {
  test("the largest safe integer can be bid", () => {
    given(create({ startPrice: MAX }))
      .when(bid(alice, MAX))
      .expect({ outcome: "accepted", priceMinor: MAX });
  });

  test("nothing can beat it: the refusal names no minimum, and none is shown", () => {
    given(create({ startPrice: MAX }), bid(alice, MAX))
      .when(bid(bob, MAX))
      .expect({ outcome: "bid_too_low", refusedBelow: null, minimumBidMinor: null, leader: alice });
  });

  test("the last step that fits is still asked for", () => {
    const led = given(create({ startPrice: 1 }), bid(alice, MAX - 100));
    led.when(bid(bob, MAX)).expect({ outcome: "accepted", minimumBidMinor: null });
    led.when(bid(bob, MAX - 1)).expect({ outcome: "bid_too_low", refusedBelow: MAX });
  });

  test("a step that leaves the range by one is not rounded back into it", () => {
    given(create({ startPrice: 1, increment: 2 }), bid(alice, MAX - 1))
      .when(bid(bob, MAX))
      .expect({ outcome: "bid_too_low", refusedBelow: null });
  });

  test("a step as large as the price itself does not overflow", () => {
    given(create({ startPrice: 1, increment: MAX }), bid(alice, MAX))
      .when(bid(bob, MAX))
      .expect({ outcome: "bid_too_low", refusedBelow: null });
  });
});

describe("the leaderboard", () => {
  test("has one line for each bidder, the own best, highest first", () => {
    given(create(), bid(alice, 1_000), bid(bob, 1_100), bid(alice, 1_200), bid(carol, 1_300))
      .when(bid(bob, 1_400))
      .expect({ leaders: [bob, carol, alice], bidCount: 5 });
  });

  test("is bounded to its size however many bid, and the highest stay", () => {
    const crowd = Array.from({ length: LEADERBOARD_SIZE + 5 }, (_, i) => bid(`bidder-${i}`, 1_000 + i * 100));
    const { auction } = given(create(), ...crowd)
      .when(tick)
      .expect({ bidCount: LEADERBOARD_SIZE + 5 });
    if (auction === null) throw new Error("the auction is there");
    const amounts = renderLeaderboard(auction).map((line) => line.amount);
    expect(LEADERBOARD_SIZE).toBe(20);
    expect(amounts).toHaveLength(20);
    expect(amounts[0]).toBe(1_000 + 24 * 100);
    expect(amounts.at(-1)).toBe(1_000 + 5 * 100);
  });

  test("a bidder who raises on a full board pushes nobody out", () => {
    const full = Array.from({ length: 20 }, (_, i) => bid(`bidder-${i}`, 1_000 + i * 100));
    given(create(), ...full)
      .when(bid("bidder-0", 5_000))
      .expect({ leaders: ["bidder-0", ...Array.from({ length: 19 }, (_, i) => `bidder-${19 - i}`)] });
  });

  test("takes bidders whose ids are names of Object's own fields", () => {
    given(create(), bid("__proto__", 1_000), bid("constructor", 1_100))
      .when(bid("toString", 1_200))
      .expect({ leaders: ["toString", "constructor", "__proto__"] });
  });
});

describe("the close", () => {
  test("with bids gives the lot to the highest at the own bid", () => {
    given(create(), bid(alice, 1_000), bid(bob, 1_150))
      .when(at(START_MS + RUN_MS, tick))
      .expect({
        events: ["auction_closed", "orders_placed"],
        status: "closed",
        winner: bob,
        soldForMinor: 1_150,
        priceMinor: 1_150,
        minimumBidMinor: null,
        orders: ["1 bob 1x1150 pending"],
      });
  });

  test("without bids has no winner and no price", () => {
    given(create())
      .when(at(START_MS + RUN_MS, tick))
      .expect({
        events: ["auction_closed"],
        status: "closed",
        winner: null,
        soldForMinor: null,
        priceMinor: null,
        leader: null,
        orders: [],
      });
  });
});
