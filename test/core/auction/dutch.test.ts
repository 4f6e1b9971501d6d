import { describe, expect, test } from "vitest";
import { renderLive } from "../../../core/auction/render.ts";
import type { Command } from "../../../shared/commands.ts";
import { alice, bid, bob, create, dutchTerms, sam, START_MS, tick } from "../../support/builders.ts";
import { at, given, type Step } from "../../support/specification.ts";

/** 1,000 down to 500 by 100 a second: at the floor after five, over after six. */
const clock = create(dutchTerms());
const FLOOR_MS = START_MS + 5_000;
const ENDS_MS = START_MS + 6_000;

/** When watchers are told that the price falls next. */
function nextPriceAt(...history: (Command | Step)[]): number | null | undefined {
  const { auction } = given(...history).when(tick);
  if (auction === null) throw new Error("the auction is there");
  return renderLive(auction).nextPriceAt;
}

describe("the clock", () => {
  test.each([
    [0, 1_000, "at the start"],
    [999, 1_000, "one millisecond before the first step"],
    [1_000, 900, "exactly at the first step"],
    [1_001, 900, "just after it"],
    [4_999, 600, "one millisecond before the last step"],
    [5_000, 500, "exactly at the floor"],
    [5_999, 500, "one millisecond before the end"],
  ])("after %i ms stands at %i: %s", (afterMs, priceMinor) => {
    given(clock)
      .when(at(START_MS + afterMs, tick))
      .expect({ status: "open", priceMinor, minimumBidMinor: priceMinor });
    given(clock)
      .when(at(START_MS + afterMs, bid(alice, priceMinor)))
      .expect({ outcome: "accepted", orders: [`1 alice 1x${priceMinor} pending`] });
    given(clock)
      .when(at(START_MS + afterMs, bid(alice, priceMinor - 1)))
      .expect({ outcome: "price_moved", priceMinor, orders: [] });
  });

  test("that slept over many steps wakes at the newest price, in one event", () => {
    const { decision } = given(clock)
      .when(at(START_MS + 3_500, tick))
      .expect({ events: ["price_dropped"], priceMinor: 700, version: 2 });
    expect(decision.events[0]).toMatchObject({ step: 3, priceMinor: 700 });
  });

  test("falls at every tick once, and at a second tick of the same step not again", () => {
    given(clock, at(START_MS + 1_000, tick))
      .when(at(START_MS + 1_999, tick))
      .expect({ events: [], priceMinor: 900 });
    given(clock, at(START_MS + 1_000, tick))
      .when(at(START_MS + 2_000, tick))
      .expect({ events: ["price_dropped"], priceMinor: 800 });
  });

  test("starts when the auction does, however late the log wakes it", () => {
    const later = create(dutchTerms({ startsAt: START_MS + 10_000 }));
    given(later)
      .when(at(START_MS + 12_300, bid(alice, 1_000)))
      .expect({
        events: ["auction_opened", "price_dropped", "orders_placed", "auction_closed"],
        orders: ["1 alice 1x800 pending"],
      });
    given()
      .when(later)
      .expect({ priceMinor: 1_000, nextDeadlineMs: START_MS + 10_000 });
  });

  test("whose start has passed when it is created starts now", () => {
    given()
      .when(create(dutchTerms({ startsAt: START_MS - 3_000 })))
      .expect({ priceMinor: 1_000, endsAtMs: ENDS_MS });
  });

  test("stops at the floor with a last step that is smaller", () => {
    const uneven = create(dutchTerms({ floorPrice: 450 }));
    given(uneven)
      .when(at(START_MS + 5_999, tick))
      .expect({ priceMinor: 500 });
    given(uneven)
      .when(at(START_MS + 6_000, tick))
      .expect({ priceMinor: 450, endsAtMs: START_MS + 7_000, nextDeadlineMs: START_MS + 7_000 });
  });

  test("with a step above the whole way falls once, to the floor", () => {
    given(create(dutchTerms({ stepAmount: 9_000 })))
      .when(at(START_MS + 1_000, tick))
      .expect({ priceMinor: 500, endsAtMs: START_MS + 2_000 });
  });

  test("whose floor is the start never falls", () => {
    given(create(dutchTerms({ floorPrice: 1_000 })))
      .when(at(START_MS + 999, tick))
      .expect({ events: [], priceMinor: 1_000, endsAtMs: START_MS + 1_000 });
  });

  test("tells watchers when it falls next, and at the floor and after the end that it does not", () => {
    expect(nextPriceAt(clock)).toBe(START_MS + 1_000);
    expect(nextPriceAt(clock, at(FLOOR_MS - 1, tick))).toBe(FLOOR_MS);
    expect(nextPriceAt(clock, at(FLOOR_MS, tick))).toBeNull();
    expect(nextPriceAt(clock, bid(alice, 1_000))).toBeNull();
  });
});

describe("a bid", () => {
  test("above the clock's price pays the clock's price", () => {
    given(clock)
      .when(at(START_MS + 2_000, bid(alice, 999_999)))
      .expect({ orders: ["1 alice 1x800 pending"] });
  });

  test("that a step has overtaken on its way pays the lower price", () => {
    given(clock)
      .when(at(START_MS + 1_000, bid(alice, 1_000)))
      .expect({ outcome: "accepted", orders: ["1 alice 1x900 pending"] });
  });

  test("of the first wins the only unit; the next is late", () => {
    given(clock, bid(alice, 1_000))
      .when(bid(bob, 1_000))
      .expect({ outcome: "auction_closed", orders: ["1 alice 1x1000 pending"] });
  });

  test("of the seller is refused", () => {
    given(clock).when(bid(sam, 1_000)).expect({ outcome: "self_bid" });
  });
});

describe("the end", () => {
  test("without `endsAt` comes one step after the floor was reached", () => {
    given(clock)
      .when(at(ENDS_MS - 1, bid(alice, 500)))
      .expect({ outcome: "accepted" });
    given(clock)
      .when(at(ENDS_MS, bid(alice, 500)))
      .expect({
        outcome: "auction_closed",
        events: ["price_dropped", "auction_closed"],
        status: "closed",
        priceMinor: 500,
        winner: null,
        orders: [],
      });
  });

  test("with `graceMs` comes so long after the floor", () => {
    const patient = create(dutchTerms({ graceMs: 3_000 }));
    given(patient)
      .when(at(FLOOR_MS + 2_999, bid(alice, 500)))
      .expect({ outcome: "accepted" });
    given(patient)
      .when(at(FLOOR_MS + 3_000, bid(alice, 500)))
      .expect({ outcome: "auction_closed" });
  });

  test("with `endsAt` comes then, floor or no floor", () => {
    const short = create(dutchTerms({ endsAt: START_MS + 2_500 }));
    given(short)
      .when(at(START_MS + 2_499, bid(alice, 800)))
      .expect({ outcome: "accepted" });
    given(short)
      .when(at(START_MS + 2_500, bid(alice, 800)))
      .expect({ outcome: "auction_closed", priceMinor: 800 });
    given()
      .when(create(dutchTerms({ endsAt: START_MS + 86_400_000 })))
      .expect({ endsAtMs: START_MS + 86_400_000 });
  });

  test("shows the price at which it ended, however long nobody looked", () => {
    given(create(dutchTerms({ endsAt: START_MS + 2_500 })))
      .when(at(START_MS + 86_400_000, tick))
      .expect({ events: ["price_dropped", "auction_closed"], priceMinor: 800, minimumBidMinor: null });
  });
});
