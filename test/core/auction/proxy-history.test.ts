import { describe, expect, test } from "vitest";
import type { Command } from "../../../shared/commands.ts";
import { alice, bid, bidOf, bob, create, proxyBid } from "../../support/builders.ts";
import { given } from "../../support/specification.ts";

/** Who bid how much in the eyes of everybody, in the order of the log; `auto` is the engine's. */
function shown(history: readonly Command[], asked: Command): string[] {
  return given(create(), ...history)
    .when(asked)
    .decision.events.map((event) => {
      if (event.type === "bid_accepted") return `${event.bidderId} ${event.amountMinor}`;
      if (event.type === "counter_bid") return `auto ${event.bidderId} ${event.amountMinor}`;
      if (event.type === "maximum_raised") return `raise ${event.bidderId} ${event.amountMinor}`;
      return event.type;
    });
}

describe("what an accepted bid shows", () => {
  test("without a maximum: its amount, whether it leads or not", () => {
    expect(shown([bid(alice, 1_000)], bid(bob, 1_137))).toEqual(["bob 1137"]);
    expect(shown([proxyBid(alice, 5_000)], bid(bob, 1_137))).toEqual(["bob 1137", "auto alice 1237"]);
  });

  test("with a maximum that leads: the price, and nothing of the rest", () => {
    expect(shown([], proxyBid(alice, 5_000))).toEqual(["alice 1000"]);
    expect(shown([bid(alice, 1_000)], proxyBid(bob, 5_000))).toEqual(["bob 1100"]);
  });

  test("with a maximum that does not lead: all of it, for it is exhausted", () => {
    expect(shown([proxyBid(alice, 5_000)], proxyBid(bob, 3_000))).toEqual(["bob 3000", "auto alice 3100"]);
    expect(shown([proxyBid(alice, 5_000)], bidOf(bob, { amount: 1_500, maxAmount: 3_000 }))).toEqual([
      "bob 3000",
      "auto alice 3100",
    ]);
  });

  test("of the leader: what the price is after it", () => {
    expect(shown([proxyBid(alice, 5_000)], proxyBid(alice, 9_000))).toEqual(["raise alice 1000"]);
    expect(shown([proxyBid(alice, 5_000)], bidOf(alice, { amount: 1_500, maxAmount: 2_000 }))).toEqual([
      "alice 1500",
    ]);
  });
});

describe("an automatic counter-bid is an event", () => {
  test("of a leader who holds: the new price", () => {
    expect(shown([proxyBid(alice, 5_000)], proxyBid(bob, 5_000))).toEqual(["bob 5000", "auto alice 5000"]);
    expect(shown([proxyBid(alice, 5_000)], proxyBid(bob, 4_950))).toEqual(["bob 4950", "auto alice 5000"]);
  });

  test("of a leader who is overtaken: the own maximum, before the bid that beat it", () => {
    expect(shown([proxyBid(alice, 5_000)], proxyBid(bob, 9_000))).toEqual(["auto alice 5000", "bob 5100"]);
    expect(shown([proxyBid(alice, 5_000)], bid(bob, 5_001))).toEqual(["auto alice 5000", "bob 5001"]);
  });

  test("but not of a leader whose maximum the price has reached already", () => {
    expect(shown([proxyBid(alice, 5_000), bid(bob, 5_000)], proxyBid(bob, 9_000))).toEqual(["bob 5100"]);
    expect(shown([bid(alice, 1_000)], bid(bob, 1_100))).toEqual(["bob 1100"]);
  });

  test("each is a version of its own", () => {
    given(create(), proxyBid(alice, 5_000)).when(bid(bob, 2_000)).expect({ version: 4 });
  });
});
