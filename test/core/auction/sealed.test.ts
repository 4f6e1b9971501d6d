import { describe, expect, test } from "vitest";
import { renderAuction, renderEvent, renderLeaderboard } from "../../../core/auction/render.ts";
import { LEADERBOARD_SIZE } from "../../../shared/auctions.ts";
import {
  alice,
  ALIAS_SALT,
  bid,
  bob,
  carol,
  create,
  manage,
  olga,
  RUN_MS,
  sam,
  sealedTerms,
  START_MS,
  tick,
} from "../../support/builders.ts";
import { at, given } from "../../support/specification.ts";

const ENDS_MS = START_MS + RUN_MS;
const end = at(ENDS_MS, tick);
const first = create(sealedTerms());
const second = create(sealedTerms({ pricing: "second" }));
const withReserve = (pricing: "first" | "second") => create(sealedTerms({ pricing, reservePrice: 2_000 }));
const retract = (bidderId: string) =>
  manage(olga, "operator", { action: "retract", bidId: "bid-1", bidderId, reason: "a typing error" });

describe("before the close", () => {
  test("every amount is taken, the lowest after the highest too", () => {
    given(first, bid(alice, 9_000)).when(bid(bob, 1)).expect({ outcome: "accepted", bidCount: 2 });
  });

  test("there is no price, no leader, no leaderboard and no least bid (I10)", () => {
    given(first, bid(alice, 9_000))
      .when(bid(bob, 8_000))
      .expect({ priceMinor: null, leader: null, leaders: [], minimumBidMinor: null, reserveMet: undefined });
  });

  test("nothing that watchers get has an amount or the reserve in it (I10)", () => {
    const { auction, decision } = given(
      create(sealedTerms({ reservePrice: 7_654_321 })),
      bid(alice, 8_765_432),
    ).when(bid(bob, 9_876_543));
    if (auction === null) throw new Error("the auction is there");
    const seen = decision.events.map((event, i) => renderEvent(event, i + 3, ALIAS_SALT));
    const text = JSON.stringify([renderAuction(auction), renderLeaderboard(auction), seen]);
    for (const secret of ["8765432", "9876543", "7654321"]) expect(text).not.toContain(secret);
    expect(seen).toMatchObject([{ type: "bid", amount: null }]);
  });

  test("a bid at the end is late, one millisecond before it is not", () => {
    given(first)
      .when(at(ENDS_MS - 1, bid(alice, 1)))
      .expect({ outcome: "accepted" });
    given(first)
      .when(at(ENDS_MS, bid(alice, 1)))
      .expect({ outcome: "auction_closed", winner: null });
  });

  test("the seller does not bid", () => {
    given(first).when(bid(sam, 9_000)).expect({ outcome: "self_bid" });
  });
});

describe("the highest bid wins", () => {
  test("and pays itself at the first price", () => {
    given(first, bid(alice, 5_000), bid(bob, 7_000), bid(carol, 6_000))
      .when(end)
      .expect({
        events: ["auction_closed", "orders_placed"],
        winner: bob,
        soldForMinor: 7_000,
        priceMinor: 7_000,
        leaders: [bob, carol, alice],
        leadersAtMinor: [7_000, 6_000, 5_000],
        orders: ["1 bob 1x7000 pending"],
      });
  });

  test("of equal ones the earlier", () => {
    given(first, bid(alice, 5_000), bid(bob, 5_000))
      .when(end)
      .expect({ winner: alice, leaders: [alice, bob] });
  });

  test("and nobody does without bids", () => {
    given(first)
      .when(end)
      .expect({ events: ["auction_closed"], winner: null, priceMinor: null, orders: [] });
  });

  test("shows the best of each, as many as the leaderboard has lines", () => {
    const crowd = Array.from({ length: LEADERBOARD_SIZE + 5 }, (_, i) => bid(`bidder-${i}`, 1_000 + i));
    given(first, ...crowd)
      .when(end)
      .expect({ leaders: Array.from({ length: LEADERBOARD_SIZE }, (_, i) => `bidder-${24 - i}`) });
  });
});

describe("a revision", () => {
  test("replaces the bid, upwards and downwards", () => {
    given(first, bid(alice, 5_000), bid(bob, 4_000), bid(alice, 3_000))
      .when(end)
      .expect({ winner: bob, soldForMinor: 4_000, leadersAtMinor: [4_000, 3_000] });
    given(first, bid(alice, 3_000), bid(bob, 4_000), bid(alice, 5_000))
      .when(end)
      .expect({ winner: alice, soldForMinor: 5_000, leaders: [alice, bob] });
  });

  test("takes a new place in time, so it may lose the tie that the first bid had won", () => {
    given(first, bid(alice, 5_000), bid(bob, 6_000), bid(alice, 6_000)).when(end).expect({ winner: bob });
    given(first, bid(alice, 5_000), bid(bob, 5_000), bid(alice, 5_000)).when(end).expect({ winner: bob });
  });

  test("that is refused leaves the old bid where it was", () => {
    given(first, bid(alice, 5_000), bid(bob, 5_000))
      .when(at(ENDS_MS, bid(alice, 1)))
      .expect({ outcome: "auction_closed", winner: alice, soldForMinor: 5_000 });
  });
});

describe("the reserve", () => {
  test("at the first price: met at exactly it, not by one less", () => {
    given(withReserve("first"), bid(alice, 2_000)).when(end).expect({ winner: alice, soldForMinor: 2_000 });
    given(withReserve("first"), bid(alice, 1_999), bid(bob, 1_500))
      .when(end)
      .expect({ winner: null, soldForMinor: null, priceMinor: null, orders: [] });
  });

  test("at the second price: between the two bids it is what the winner pays", () => {
    given(withReserve("second"), bid(alice, 1_500), bid(bob, 3_000))
      .when(end)
      .expect({ winner: bob, soldForMinor: 2_000 });
  });

  test("at the second price: below the second bid it changes nothing", () => {
    given(withReserve("second"), bid(alice, 2_500), bid(bob, 3_000))
      .when(end)
      .expect({ winner: bob, soldForMinor: 2_500 });
  });

  test("at the second price: above the highest nobody wins", () => {
    given(withReserve("second"), bid(alice, 1_999), bid(bob, 1_998)).when(end).expect({ winner: null });
  });

  test("at the second price: a lone bidder pays it", () => {
    given(withReserve("second"), bid(alice, 9_000)).when(end).expect({ winner: alice, soldForMinor: 2_000 });
    given(withReserve("second"), bid(alice, 2_000)).when(end).expect({ winner: alice, soldForMinor: 2_000 });
  });
});

describe("the second price", () => {
  test("is the second highest bid", () => {
    given(second, bid(alice, 5_000), bid(bob, 7_000), bid(carol, 6_000))
      .when(end)
      .expect({ winner: bob, soldForMinor: 6_000, orders: ["1 bob 1x6000 pending"] });
  });

  test("of two equal ones is that price, to the earlier", () => {
    given(second, bid(alice, 5_000), bid(bob, 5_000))
      .when(end)
      .expect({ winner: alice, soldForMinor: 5_000 });
  });

  test("of a lone bidder without a reserve is the least there is", () => {
    given(second, bid(alice, 5_000)).when(end).expect({ winner: alice, soldForMinor: 1 });
  });

  test("is not set by the winner's own earlier bid", () => {
    given(second, bid(alice, 5_000), bid(alice, 7_000)).when(end).expect({ winner: alice, soldForMinor: 1 });
  });

  test("of nobody is none", () => {
    given(second).when(end).expect({ winner: null, soldForMinor: null });
  });
});

describe("a retraction", () => {
  test("takes the bid away, before anybody has seen it", () => {
    given(second, bid(alice, 5_000), bid(bob, 7_000), bid(carol, 6_000), retract(bob))
      .when(end)
      .expect({ winner: carol, soldForMinor: 5_000, leaders: [carol, alice] });
  });

  test("lets the bidder bid again, with a new place in time", () => {
    given(first, bid(alice, 5_000), bid(bob, 5_000), retract(alice), bid(alice, 5_000))
      .when(end)
      .expect({ winner: bob, leaders: [bob, alice] });
  });
});

test("a cancellation reveals nothing (I10)", () => {
  given(first, bid(alice, 5_000))
    .when(manage(sam, "seller", { action: "cancel", reason: "damaged" }))
    .expect({ status: "cancelled", winner: null, priceMinor: null, leaders: [] });
});

test("ending early is a close like any other", () => {
  given(first, bid(alice, 5_000), bid(bob, 6_000))
    .when(manage(sam, "seller", { action: "end", reason: "in a hurry" }))
    .expect({ status: "closed", winner: bob, soldForMinor: 6_000 });
});
