import { describe, test } from "vitest";
import { LEADERBOARD_SIZE } from "../../../shared/auctions.ts";
import {
  alice,
  bid,
  bidOf,
  bob,
  carol,
  create,
  manage,
  olga,
  proxyBid,
  RUN_MS,
  START_MS,
  tick,
} from "../../support/builders.ts";
import { at, given } from "../../support/specification.ts";

const ENDS_MS = START_MS + RUN_MS;
const retract = (bidderId: string) =>
  manage(olga, "operator", { action: "retract", bidId: "bid-1", bidderId, reason: "a typing error" });

describe("retracting a bidder's bids (I3)", () => {
  test("of the leader: the best of the others leads, at what that needs", () => {
    given(create(), proxyBid(alice, 5_000), proxyBid(bob, 3_000), proxyBid(carol, 3_200))
      .when(retract(alice))
      .expect({
        events: ["bids_retracted"],
        leader: carol,
        priceMinor: 3_100,
        leaders: [carol, bob],
        bidCount: 3,
      });
  });

  test("of the leader over one maximum: the price falls to where it began", () => {
    given(create(), proxyBid(alice, 5_000), proxyBid(bob, 6_000))
      .when(retract(alice))
      .expect({ leader: bob, priceMinor: 1_000, minimumBidMinor: 1_100 });
  });

  test("keeps what the others have named openly", () => {
    given(create(), bid(alice, 1_000), bid(bob, 1_400), bid(carol, 9_000))
      .when(retract(carol))
      .expect({ leader: bob, priceMinor: 1_400 });
  });

  test("keeps what the leader has named openly, although the maximum was raised since", () => {
    given(
      create(),
      bidOf(alice, { amount: 1_500, maxAmount: 5_000 }),
      proxyBid(alice, 9_000),
      proxyBid(bob, 3_000),
    )
      .when(retract(bob))
      .expect({ leader: alice, priceMinor: 1_500 });
  });

  test("of the runner-up: the leader stays, and needs less", () => {
    given(create(), proxyBid(alice, 5_000), proxyBid(bob, 3_000), proxyBid(carol, 4_000))
      .when(retract(carol))
      .expect({ leader: alice, priceMinor: 3_100 });
  });

  test("of the only bidder: nothing stands, and the first bid is the first again", () => {
    given(create(), proxyBid(alice, 5_000))
      .when(retract(alice))
      .expect({ leader: null, priceMinor: null, minimumBidMinor: 1_000, leaders: [], bidCount: 1 });
  });

  test("takes the reserve's being met with it", () => {
    given(create({ reservePrice: 3_000 }), bid(alice, 1_000), bid(bob, 3_000))
      .when(retract(bob))
      .expect({ leader: alice, priceMinor: 1_000, reserveMet: false });
  });

  test("lets the bidder bid again, with a new place in time", () => {
    given(create(), proxyBid(alice, 5_000), proxyBid(bob, 5_000), retract(alice))
      .when(proxyBid(alice, 5_000))
      .expect({ leader: bob, priceMinor: 5_000, leaders: [bob, alice] });
  });

  test("gives back no time: an end that has moved stays", () => {
    given(
      create({ softClose: { windowMs: 10_000, extendMs: 10_000 } }),
      bid(bob, 1_000),
      at(ENDS_MS - 1, bid(alice, 1_100)),
    )
      .when(retract(alice))
      .expect({ leader: bob, endsAtMs: ENDS_MS + 9_999 });
  });

  test("of all of the bidder's, not of the newest alone", () => {
    given(create(), bid(alice, 1_000), bid(bob, 1_100), bid(alice, 1_200))
      .when(retract(alice))
      .expect({ leaders: [bob], leader: bob, priceMinor: 1_100 });
  });

  test("lets those into the leaderboard who had no room on it", () => {
    const crowd = Array.from({ length: LEADERBOARD_SIZE + 3 }, (_, i) => bid(`bidder-${i}`, 1_000 + i * 100));
    given(create(), ...crowd)
      .when(retract("bidder-22"))
      .expect({ leaders: Array.from({ length: LEADERBOARD_SIZE }, (_, i) => `bidder-${21 - i}`) });
  });

  test("decides who wins: a retracted leader does not", () => {
    given(create(), bid(alice, 1_000), bid(bob, 1_100), retract(bob))
      .when(at(ENDS_MS, tick))
      .expect({ winner: alice, soldForMinor: 1_000 });
  });
});

describe("there is nothing to retract", () => {
  test("of somebody who has not bid, or whose bids are gone already", () => {
    given(create(), bid(alice, 1_000)).when(retract(bob)).expect({ outcome: "no_such_standing_bid" });
    given(create(), bid(alice, 1_000), retract(alice))
      .when(retract(alice))
      .expect({ outcome: "no_such_standing_bid", events: [] });
  });

  test("once the auction is over", () => {
    given(create(), bid(alice, 1_000))
      .when(at(ENDS_MS, retract(alice)))
      .expect({ outcome: "auction_closed", winner: alice });
  });
});
