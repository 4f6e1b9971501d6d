import { describe, test } from "vitest";
import { alice, bid, bob, create, proxyBid, RUN_MS, START_MS, tick } from "../../support/builders.ts";
import { at, given } from "../../support/specification.ts";

const ENDS_MS = START_MS + RUN_MS;
const MINUTE_MS = 60_000;
const soft = (softClose: { windowMs: number; extendMs: number; maxExtensions?: number }) =>
  create({ softClose });
/** The window and the extension are ten seconds. */
const even = soft({ windowMs: 10_000, extendMs: 10_000 });

describe("a soft close", () => {
  test("is left alone by a bid one millisecond before its window", () => {
    given(soft({ windowMs: 10_000, extendMs: 15_000 }))
      .when(at(ENDS_MS - 10_001, bid(alice, 1_000)))
      .expect({ events: ["bid_accepted"], endsAtMs: ENDS_MS });
  });

  test("is moved by a bid at the very start of its window", () => {
    given(soft({ windowMs: 10_000, extendMs: 15_000 }))
      .when(at(ENDS_MS - 10_000, bid(alice, 1_000)))
      .expect({ events: ["bid_accepted", "auction_extended"], endsAtMs: ENDS_MS + 5_000 });
  });

  test("is moved by the last possible bid, counted from the log's clock", () => {
    given(even)
      .when(at(ENDS_MS - 1, bid(alice, 1_000)))
      .expect({ endsAtMs: ENDS_MS + 9_999, nextDeadlineMs: ENDS_MS + 9_999 });
  });

  test("does not move to where it is: at the window's start an equal extension changes nothing", () => {
    given(even)
      .when(at(ENDS_MS - 10_000, bid(alice, 1_000)))
      .expect({ events: ["bid_accepted"], endsAtMs: ENDS_MS });
    given(even)
      .when(at(ENDS_MS - 9_999, bid(alice, 1_000)))
      .expect({ endsAtMs: ENDS_MS + 1 });
  });

  test("never moves back: an extension shorter than what is left changes nothing", () => {
    const short = soft({ windowMs: 10_000, extendMs: 2_000 });
    for (const [atMs, endsAtMs] of [
      [ENDS_MS - 5_000, ENDS_MS],
      [ENDS_MS - 2_000, ENDS_MS],
      [ENDS_MS - 1_999, ENDS_MS + 1],
    ] as const)
      given(short)
        .when(at(atMs, bid(alice, 1_000)))
        .expect({ endsAtMs });
  });

  test("is moved by every kind of accepted bid: one that loses to a maximum, and a raised maximum", () => {
    given(even, proxyBid(alice, 5_000))
      .when(at(ENDS_MS - 1, bid(bob, 1_100)))
      .expect({ events: ["bid_accepted", "counter_bid", "auction_extended"], leader: alice });
    given(even, proxyBid(alice, 5_000))
      .when(at(ENDS_MS - 1, proxyBid(alice, 6_000)))
      .expect({ events: ["maximum_raised", "auction_extended"], endsAtMs: ENDS_MS + 9_999 });
  });

  test("is not moved by a refused bid", () => {
    given(even, bid(alice, 1_000))
      .when(at(ENDS_MS - 1, bid(bob, 1_001)))
      .expect({ outcome: "bid_too_low", events: [], endsAtMs: ENDS_MS });
  });

  test("that has moved takes bids up to the new end and none at it (I6)", () => {
    const moved = given(even, at(ENDS_MS - 1, bid(alice, 1_000)));
    moved.when(at(ENDS_MS, bid(bob, 1_100))).expect({ outcome: "accepted", endsAtMs: ENDS_MS + 10_000 });
    moved.when(at(ENDS_MS + 9_998, bid(bob, 1_100))).expect({ outcome: "accepted" });
    moved
      .when(at(ENDS_MS + 9_999, bid(bob, 1_100)))
      .expect({ outcome: "auction_closed", status: "closed", winner: alice });
  });

  test("moves its window with it", () => {
    given(even, at(ENDS_MS - 9_000, bid(alice, 1_000)))
      .when(at(ENDS_MS - 9_000, bid(bob, 1_100)))
      .expect({ events: ["bid_accepted"], endsAtMs: ENDS_MS + 1_000 });
    given(even, at(ENDS_MS - 9_000, bid(alice, 1_000)))
      .when(at(ENDS_MS - 8_999, bid(bob, 1_100)))
      .expect({ events: ["bid_accepted", "auction_extended"], endsAtMs: ENDS_MS + 1_001 });
  });

  test("without a cap goes on as long as there are bids", () => {
    const bids = Array.from({ length: 50 }, (_, i) =>
      at(ENDS_MS - 1 + i * 9_999, bid(i % 2 === 0 ? alice : bob, 1_000 + i * 100)),
    );
    given(even, ...bids)
      .when(tick)
      .expect({ status: "open", endsAtMs: ENDS_MS + 50 * 9_999 });
  });

  test("as long as the auction itself makes every bid count", () => {
    given(soft({ windowMs: RUN_MS, extendMs: 2 * MINUTE_MS }))
      .when(bid(alice, 1_000))
      .expect({ endsAtMs: START_MS + 2 * MINUTE_MS });
  });
});

describe("a cap", () => {
  const capped = soft({ windowMs: 10_000, extendMs: 10_000, maxExtensions: 2 });
  const twice = given(capped, at(ENDS_MS - 1, bid(alice, 1_000)), at(ENDS_MS + 9_998, bid(bob, 1_100)));

  test("lets the end move so often", () => {
    twice.when(tick).expect({ status: "open", endsAtMs: ENDS_MS + 19_998 });
  });

  test("then makes it a hard close, which still takes bids before it", () => {
    twice
      .when(at(ENDS_MS + 19_997, bid(alice, 1_200)))
      .expect({ outcome: "accepted", events: ["bid_accepted"], endsAtMs: ENDS_MS + 19_998 });
    twice.when(at(ENDS_MS + 19_998, bid(alice, 1_200))).expect({ outcome: "auction_closed", winner: bob });
  });

  test("is not used up by bids in the window that move nothing", () => {
    given(
      soft({ windowMs: 10_000, extendMs: 2_000, maxExtensions: 1 }),
      at(ENDS_MS - 9_000, bid(alice, 1_000)),
      at(ENDS_MS - 8_000, bid(bob, 1_100)),
    )
      .when(at(ENDS_MS - 1, bid(alice, 1_200)))
      .expect({ endsAtMs: ENDS_MS + 1_999 });
  });
});

test("a hard close is the absence of a soft one", () => {
  given(create())
    .when(at(ENDS_MS - 1, bid(alice, 1_000)))
    .expect({ events: ["bid_accepted"], endsAtMs: ENDS_MS });
});
