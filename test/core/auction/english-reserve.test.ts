import { describe, expect, test } from "vitest";
import { renderAuction } from "../../../core/auction/render.ts";
import { alice, bid, bidOf, bob, create, proxyBid, RUN_MS, START_MS, tick } from "../../support/builders.ts";
import { at, given } from "../../support/specification.ts";

const ENDS_MS = START_MS + RUN_MS;
const reserved = create({ reservePrice: 3_000 });

describe("a reserve", () => {
  test("does not raise the first bid: it opens at the start price", () => {
    given().when(reserved).expect({ minimumBidMinor: 1_000, reserveMet: false });
    given(reserved).when(bid(alice, 1_000)).expect({ outcome: "accepted", reserveMet: false });
  });

  test("is met by an amount at it, and not by one minor unit less", () => {
    given(reserved).when(bid(alice, 2_999)).expect({ priceMinor: 2_999, reserveMet: false });
    given(reserved).when(bid(alice, 3_000)).expect({ priceMinor: 3_000, reserveMet: true });
  });

  test("is met at once by a maximum that reaches it, at exactly the reserve", () => {
    given(reserved).when(proxyBid(alice, 3_000)).expect({ priceMinor: 3_000, reserveMet: true });
    given(reserved)
      .when(proxyBid(alice, 9_000))
      .expect({ priceMinor: 3_000, reserveMet: true, minimumBidMinor: 3_100 });
  });

  test("leaves a maximum below it at the least that is needed", () => {
    given(reserved).when(proxyBid(alice, 2_999)).expect({ priceMinor: 1_000, reserveMet: false });
  });

  test("is met by a challenger's maximum, whatever the price was", () => {
    given(reserved, proxyBid(alice, 2_000))
      .when(proxyBid(bob, 3_500))
      .expect({ leader: bob, priceMinor: 3_000, reserveMet: true });
    given(reserved, proxyBid(alice, 2_950))
      .when(proxyBid(bob, 3_500))
      .expect({ leader: bob, priceMinor: 3_050, reserveMet: true });
  });

  test("is not met by a challenger who loses, and who pushes the leader no further than one step", () => {
    given(reserved, proxyBid(alice, 2_900))
      .when(proxyBid(bob, 2_500))
      .expect({ leader: alice, priceMinor: 2_600, reserveMet: false });
  });

  test("is met by the leader who raises the own maximum to it: the one case in which that moves the price", () => {
    given(reserved, proxyBid(alice, 2_000))
      .when(proxyBid(alice, 2_999))
      .expect({ priceMinor: 1_000, reserveMet: false });
    given(reserved, proxyBid(alice, 2_000))
      .when(proxyBid(alice, 3_000))
      .expect({ events: ["maximum_raised"], priceMinor: 3_000, reserveMet: true });
  });

  test("is met by a bid that names less and allows more", () => {
    given(reserved)
      .when(bidOf(alice, { amount: 1_000, maxAmount: 3_200 }))
      .expect({ priceMinor: 3_000, reserveMet: true });
  });

  test("that equals the start price is met by the first bid", () => {
    given(create({ reservePrice: 1_000 }))
      .when(proxyBid(alice, 1_000))
      .expect({ reserveMet: true });
  });
});

describe("at the end", () => {
  test("a reserve that was never met gives the lot to nobody, and places no order", () => {
    given(reserved, bid(alice, 2_999))
      .when(at(ENDS_MS, tick))
      .expect({
        events: ["auction_closed"],
        winner: null,
        soldForMinor: null,
        priceMinor: 2_999,
        reserveMet: false,
        orders: [],
      });
  });

  test("a reserve that was met sells at the price", () => {
    given(reserved, proxyBid(alice, 9_000))
      .when(at(ENDS_MS, tick))
      .expect({ winner: alice, soldForMinor: 3_000, orders: ["1 alice 1x3000 pending"] });
  });
});

test("watchers learn whether the reserve is met, and never what it is", () => {
  const { auction } = given(create({ reservePrice: 7_654_321 }), bid(alice, 1_000)).when(tick);
  if (auction === null) throw new Error("the auction is there");
  expect(renderAuction(auction)).toMatchObject({ reserveMet: false });
  expect(JSON.stringify(renderAuction(auction))).not.toContain("7654321");
});

test("without a reserve nothing is said of one", () => {
  given(create()).when(bid(alice, 1_000)).expect({ reserveMet: undefined });
});
