import { describe, expect, test } from "vitest";
import { proxyPrice } from "../../../core/auction/proxy.ts";
import { alice, bid, bidOf, bob, carol, create, englishTerms, proxyBid } from "../../support/builders.ts";
import { given } from "../../support/specification.ts";

const MAX = Number.MAX_SAFE_INTEGER;
/** Alice leads at the start price of 1,000 with a maximum of 5,000. */
const led = given(create(), proxyBid(alice, 5_000));

describe("the first maximum", () => {
  test("leads at the start price, and asks for one step above it", () => {
    given(create())
      .when(proxyBid(alice, 5_000))
      .expect({ events: ["bid_accepted"], leader: alice, priceMinor: 1_000, minimumBidMinor: 1_100 });
  });

  test("at exactly the start price is enough", () => {
    given(create()).when(proxyBid(alice, 1_000)).expect({ outcome: "accepted", priceMinor: 1_000 });
  });

  test("below the start price is refused, naming it", () => {
    given(create()).when(proxyBid(alice, 999)).expect({ outcome: "bid_too_low", refusedBelow: 1_000 });
  });
});

describe("a challenger's maximum", () => {
  test.each([
    [1_099, "one below the least raise is refused"],
    [1_100, "exactly at the least raise is answered one step above it"],
    [1_101, "one above the least raise is answered one step above it, off any grid"],
  ])("of %i: %s", (limit) => {
    const facts =
      limit < 1_100
        ? { outcome: "bid_too_low" as const, refusedBelow: 1_100, priceMinor: 1_000 }
        : { outcome: "accepted" as const, priceMinor: limit + 100 };
    led.when(proxyBid(bob, limit)).expect({ ...facts, leader: alice });
  });

  test("below the leader's by a step and more raises the price to one step above it", () => {
    led
      .when(proxyBid(bob, 3_000))
      .expect({ events: ["bid_accepted", "counter_bid"], leader: alice, priceMinor: 3_100 });
  });

  test("below the leader's by less than a step raises the price to all of the leader's maximum", () => {
    led.when(proxyBid(bob, 4_999)).expect({ leader: alice, priceMinor: 5_000, minimumBidMinor: 5_100 });
    led.when(proxyBid(bob, 4_901)).expect({ leader: alice, priceMinor: 5_000 });
    led.when(proxyBid(bob, 4_900)).expect({ leader: alice, priceMinor: 5_000 });
    led.when(proxyBid(bob, 4_899)).expect({ leader: alice, priceMinor: 4_999 });
  });

  test("equal to the leader's loses to the earlier, at exactly that price", () => {
    led
      .when(proxyBid(bob, 5_000))
      .expect({ events: ["bid_accepted", "counter_bid"], leader: alice, priceMinor: 5_000, bidCount: 2 });
  });

  test("above the leader's by less than a step leads at exactly its own value", () => {
    led.when(proxyBid(bob, 5_001)).expect({ leader: bob, priceMinor: 5_001, minimumBidMinor: 5_101 });
    led.when(proxyBid(bob, 5_099)).expect({ leader: bob, priceMinor: 5_099 });
  });

  test("that ties the next increment leads at it, and a higher one pays no more", () => {
    led.when(proxyBid(bob, 5_100)).expect({ leader: bob, priceMinor: 5_100 });
    led.when(proxyBid(bob, 5_101)).expect({ leader: bob, priceMinor: 5_100 });
    led.when(proxyBid(bob, 900_000)).expect({ leader: bob, priceMinor: 5_100 });
  });

  test("after others is measured from what these have raised the price to", () => {
    given(create(), proxyBid(alice, 5_000), proxyBid(bob, 3_000), proxyBid(carol, 3_200))
      .when(proxyBid("dave", 3_400))
      .expect({ leader: alice, priceMinor: 3_500, leaders: [alice, "dave", carol, bob] });
  });
});

describe("the leader's own maximum", () => {
  test("rises without moving the price, and counts from then on", () => {
    const raised = given(create(), proxyBid(alice, 5_000), proxyBid(bob, 3_000), proxyBid(alice, 8_000));
    led
      .when(proxyBid(alice, 8_000))
      .expect({ events: ["maximum_raised"], priceMinor: 1_000, leader: alice, bidCount: 2 });
    raised.when(proxyBid(bob, 7_000)).expect({ leader: alice, priceMinor: 7_100 });
  });

  test("leaves the price also where a higher maximum would have had to pay more for the lead", () => {
    const barely = given(create(), proxyBid(alice, 5_000), proxyBid(bob, 5_001));
    barely.when(proxyBid(bob, 9_000)).expect({ leader: bob, priceMinor: 5_001, minimumBidMinor: 5_101 });
    given(create(), proxyBid(alice, 5_000), proxyBid(bob, 5_001), proxyBid(bob, 9_000))
      .when(proxyBid(alice, 6_000))
      .expect({ leader: bob, priceMinor: 6_100 });
  });

  test.each([5_000, 4_999, 1_100, 1])("is not raised by %i", (limit) => {
    led.when(proxyBid(alice, limit)).expect({ outcome: "maximum_not_raised", events: [], bidCount: 1 });
  });

  test("is raised by a single minor unit, below the least raise of anybody else", () => {
    given(create(), bid(alice, 1_000))
      .when(proxyBid(alice, 1_001))
      .expect({ outcome: "accepted", priceMinor: 1_000, minimumBidMinor: 1_100 });
  });

  test("takes its place in time when it was raised: an equal one that came in between is the earlier", () => {
    given(create(), proxyBid(alice, 5_000), proxyBid(alice, 6_000))
      .when(proxyBid(bob, 6_000))
      .expect({ leader: alice, priceMinor: 6_000 });
    given(create(), proxyBid(alice, 5_000), proxyBid(bob, 6_000))
      .when(proxyBid(alice, 6_000))
      .expect({ leader: bob, priceMinor: 6_000 });
  });

  test("raised once the bidder is outbid is a bid like any other", () => {
    given(create(), proxyBid(alice, 1_500), proxyBid(bob, 3_000))
      .when(proxyBid(alice, 1_650))
      .expect({ outcome: "bid_too_low", refusedBelow: 1_700, leader: bob });
    given(create(), proxyBid(alice, 1_500), proxyBid(bob, 3_000))
      .when(proxyBid(alice, 3_500))
      .expect({ leader: alice, priceMinor: 3_100 });
  });
});

describe("the leader names an amount", () => {
  test("which raises the price to it, under the same maximum", () => {
    given(create(), proxyBid(alice, 5_000), bid(alice, 1_500))
      .when(bid(bob, 1_600))
      .expect({ leader: alice, priceMinor: 1_700 });
    led
      .when(bid(alice, 1_500))
      .expect({ events: ["bid_accepted"], leader: alice, priceMinor: 1_500, minimumBidMinor: 1_600 });
  });

  test("which must reach the least raise like everybody's", () => {
    led.when(bid(alice, 1_099)).expect({ outcome: "bid_too_low", refusedBelow: 1_100, priceMinor: 1_000 });
    led.when(bid(alice, 1_100)).expect({ outcome: "accepted", priceMinor: 1_100 });
  });

  test("above the own maximum, which is then the maximum", () => {
    given(create(), proxyBid(alice, 5_000), bid(alice, 6_000))
      .when(proxyBid(bob, 6_100))
      .expect({ leader: bob, priceMinor: 6_100 });
    led.when(bid(alice, 6_000)).expect({ leader: alice, priceMinor: 6_000 });
  });

  test("together with a maximum: both count", () => {
    led.when(bidOf(alice, { amount: 1_500, maxAmount: 9_000 })).expect({ priceMinor: 1_500 });
    given(create(), proxyBid(alice, 5_000), bidOf(alice, { amount: 1_500, maxAmount: 9_000 }))
      .when(proxyBid(bob, 8_000))
      .expect({ leader: alice, priceMinor: 8_100 });
  });
});

describe("an amount together with a maximum", () => {
  test("leads at the amount when that is more than is needed", () => {
    given(create())
      .when(bidOf(alice, { amount: 1_800, maxAmount: 5_000 }))
      .expect({ leader: alice, priceMinor: 1_800 });
  });

  test("counts although the price has passed its amount, as long as its maximum reaches the least raise", () => {
    const moved = given(create(), bid(alice, 1_200));
    moved.when(bidOf(bob, { amount: 1_000, maxAmount: 2_000 })).expect({ leader: bob, priceMinor: 1_300 });
    moved
      .when(bidOf(bob, { amount: 1_000, maxAmount: 1_299 }))
      .expect({ outcome: "bid_too_low", refusedBelow: 1_300, leader: alice });
  });

  test("that are equal are an amount alone", () => {
    const { decision } = given(create()).when(bidOf(alice, { amount: 1_500, maxAmount: 1_500 }));
    expect(decision.events).toMatchObject([{ type: "bid_accepted", amountMinor: 1_500 }]);
    expect(decision.events[0]).not.toHaveProperty("maxMinor");
  });
});

describe("tiers that change between two prices", () => {
  const tiers = [
    { from: 0, step: 5 },
    { from: 1_000, step: 50 },
  ];
  const tiered = given(create({ startPrice: 10, increment: tiers }), proxyBid(alice, 5_000));

  test.each([
    [994, 999, 1_004, "both below the border"],
    [995, 1_000, 1_050, "the price reaches the border, the step is that below it"],
    [999, 1_004, 1_054, "one below the border crosses it by the small step"],
    [1_000, 1_050, 1_100, "at the border the large step counts"],
  ])("after a maximum of %i the price is %i and the least %i: %s", (limit, priceMinor, minimumBidMinor) => {
    tiered.when(proxyBid(bob, limit)).expect({ leader: alice, priceMinor, minimumBidMinor });
  });
});

describe("at the top of the safe integers", () => {
  test("a step that leaves the range asks for no more than the leader's maximum", () => {
    given(create(), proxyBid(alice, MAX))
      .when(proxyBid(bob, MAX - 1))
      .expect({ leader: alice, priceMinor: MAX, minimumBidMinor: null });
  });

  test("two of the largest maxima: the earlier leads, and nothing beats it", () => {
    given(create(), proxyBid(alice, MAX), proxyBid(bob, MAX))
      .when(proxyBid(carol, MAX))
      .expect({ outcome: "bid_too_low", refusedBelow: null, leader: alice, priceMinor: MAX });
  });
});

describe("the price", () => {
  const standing = (maxMinor: number, floorMinor = 0) => ({ maxMinor, floorMinor, order: 1, atMs: 0 });

  test("is the largest of start, floor, what the runner-up asks for, and a reserve that is met", () => {
    const terms = englishTerms({ startPrice: 100, increment: 10, reservePrice: 700 });
    expect(proxyPrice(terms, standing(500), undefined)).toBe(100);
    expect(proxyPrice(terms, standing(500, 300), undefined)).toBe(300);
    expect(proxyPrice(terms, standing(500, 300), standing(400))).toBe(410);
    expect(proxyPrice(terms, standing(405, 300), standing(400))).toBe(405);
    expect(proxyPrice(terms, standing(699), standing(400))).toBe(410);
    expect(proxyPrice(terms, standing(700), standing(400))).toBe(700);
    expect(proxyPrice(terms, standing(900), standing(800))).toBe(810);
  });
});
