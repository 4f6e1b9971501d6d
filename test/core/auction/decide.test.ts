import { describe, expect, test } from "vitest";
import {
  alice,
  bid,
  bob,
  create,
  dropTerms,
  dutchTerms,
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
const STARTS_MS = START_MS + 10_000;
const later = create({ startsAt: STARTS_MS });

describe("creating", () => {
  test("opens an auction without a start at once", () => {
    given()
      .when(create())
      .expect({ outcome: "accepted", events: ["auction_created"], status: "open", version: 1 });
  });

  test("schedules an auction that starts later", () => {
    given()
      .when(later)
      .expect({ events: ["auction_created"], status: "scheduled", version: 1 });
  });

  test("opens an auction whose start is exactly now", () => {
    given()
      .when(create({ startsAt: START_MS }))
      .expect({ status: "open", version: 1 });
  });

  test("opens an auction whose start has passed, and starts it now", () => {
    const { auction } = given()
      .when(create({ startsAt: START_MS - 5_000 }))
      .expect({ status: "open" });
    expect(auction?.startsAtMs).toBe(START_MS);
  });

  test("twice is refused, and the first stands", () => {
    given(create(), bid(alice, 1_000))
      .when(create({ startPrice: 1 }, "another-key"))
      .expect({ outcome: "auction_exists", events: [], version: 2, priceMinor: 1_000 });
  });

  test("is refused when the end has passed", () => {
    given()
      .when(create({ endsAt: START_MS - 1 }))
      .expect({ outcome: "ends_in_the_past", events: [], version: 0 });
  });

  test("is refused when the end is exactly now", () => {
    given()
      .when(create({ endsAt: START_MS }))
      .expect({ outcome: "ends_in_the_past", version: 0 });
  });

  test("is accepted one millisecond before the end", () => {
    given()
      .when(create({ endsAt: START_MS + 1 }))
      .expect({ outcome: "accepted", status: "open" });
  });

  test("is refused when the soft close would be longer than what is left of the auction", () => {
    const softClose = { windowMs: RUN_MS, extendMs: 1_000 };
    given()
      .when(at(START_MS + 1, create({ softClose })))
      .expect({ outcome: "soft_close_too_long", events: [], version: 0 });
    given().when(create({ softClose })).expect({ outcome: "accepted" });
  });

  test.each([sealedTerms(), dropTerms(), dutchTerms({ endsAt: START_MS + RUN_MS })])(
    "of any format is refused when the end has come: $format",
    (terms) => {
      given()
        .when(at(ENDS_MS, create(terms)))
        .expect({ outcome: "ends_in_the_past" });
      given()
        .when(at(ENDS_MS - 1, create(terms)))
        .expect({ outcome: "accepted", status: "open", endsAtMs: ENDS_MS });
    },
  );

  test("again after the end still closes the auction first", () => {
    given(create())
      .when(at(ENDS_MS, create({}, "another-key")))
      .expect({ outcome: "auction_exists", events: ["auction_closed"], status: "closed" });
  });
});

describe("without an auction", () => {
  test("a bid finds none", () => {
    given().when(bid(alice, 1_000)).expect({ outcome: "auction_not_found", events: [], version: 0 });
  });

  test("a tick finds none", () => {
    given().when(tick).expect({ outcome: "auction_not_found", events: [], version: 0 });
  });

  test("an operator finds none", () => {
    given()
      .when(manage(olga, "operator", { action: "cancel", reason: "a slip" }))
      .expect({ outcome: "auction_not_found", events: [], version: 0 });
  });
});

describe("who may bid", () => {
  test("the seller may not", () => {
    given(create()).when(bid(sam, 5_000)).expect({ outcome: "self_bid", events: [], leader: null });
  });

  test("the seller may not after others either, nor with an amount that would be too low", () => {
    const led = given(create(), bid(alice, 1_000));
    led.when(bid(sam, 5_000)).expect({ outcome: "self_bid", leader: alice });
    led.when(bid(sam, 1)).expect({ outcome: "self_bid" });
  });
});

describe("the start", () => {
  test("one millisecond before it, a bid is refused as too early", () => {
    given(later)
      .when(at(STARTS_MS - 1, bid(alice, 1_000)))
      .expect({ outcome: "auction_not_started", status: "scheduled" });
  });

  test("at exactly the start, a bid opens the auction first and is accepted", () => {
    given(later)
      .when(at(STARTS_MS, bid(alice, 1_000)))
      .expect({
        outcome: "accepted",
        events: ["auction_opened", "bid_accepted"],
        status: "open",
        version: 3,
        leader: alice,
      });
  });

  test("a refused bid opens a due auction all the same", () => {
    given(later)
      .when(at(STARTS_MS, bid(alice, 1)))
      .expect({ outcome: "bid_too_low", refusedBelow: 1_000, events: ["auction_opened"], status: "open" });
  });

  test("a tick opens it once it is due, and not before", () => {
    given(later)
      .when(at(STARTS_MS - 1, tick))
      .expect({ events: [], status: "scheduled" });
    given(later)
      .when(at(STARTS_MS, tick))
      .expect({ events: ["auction_opened"], status: "open" });
  });

  test("the seller learns of the early hour before the own ban", () => {
    given(later).when(bid(sam, 5_000)).expect({ outcome: "auction_not_started" });
  });
});

describe("the end", () => {
  test("one millisecond before it, a bid is accepted", () => {
    given(create())
      .when(at(ENDS_MS - 1, bid(alice, 1_000)))
      .expect({ outcome: "accepted", status: "open", leader: alice });
  });

  test("at exactly the end, without any tick, the auction closes first and the bid is late", () => {
    given(create(), bid(alice, 1_000))
      .when(at(ENDS_MS, bid(bob, 9_000)))
      .expect({
        outcome: "auction_closed",
        events: ["auction_closed", "orders_placed"],
        status: "closed",
        winner: alice,
        priceMinor: 1_000,
      });
  });

  test("a late bid after the close changes nothing more", () => {
    given(create(), bid(alice, 1_000), at(ENDS_MS, tick))
      .when(at(ENDS_MS + 1, bid(bob, 9_000)))
      .expect({ outcome: "auction_closed", events: [], version: 4, priceMinor: 1_000 });
  });

  test("a tick one millisecond before it does nothing", () => {
    given(create(), bid(alice, 1_000))
      .when(at(ENDS_MS - 1, tick))
      .expect({ events: [], status: "open", version: 2 });
  });

  test("a second tick changes nothing: ticks are idempotent", () => {
    given(create(), at(ENDS_MS, tick))
      .when(at(ENDS_MS, tick))
      .expect({ outcome: "accepted", events: [], version: 2 });
  });

  test("an auction that slept through its whole life opens and closes at once", () => {
    given(later)
      .when(at(ENDS_MS + 86_400_000, tick))
      .expect({ events: ["auction_opened", "auction_closed"], status: "closed", version: 3, winner: null });
  });

  test("a bid wakes it just the same, and is late", () => {
    given(later)
      .when(at(ENDS_MS, bid(alice, 1_000)))
      .expect({
        outcome: "auction_closed",
        events: ["auction_opened", "auction_closed"],
        status: "closed",
        winner: null,
      });
  });
});
