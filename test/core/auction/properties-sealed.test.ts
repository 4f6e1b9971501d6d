import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PROPERTY_RUNS, PROPERTY_TIMEOUT_MS } from "../../support/property-runs.ts";
import { storyOf } from "./arbitraries.ts";
import { eventsOf } from "./comparing.ts";
import { expectAgreement, newEncounters } from "./meeting.ts";
import { decided } from "./telling.ts";

const options = { timeout: PROPERTY_TIMEOUT_MS };
const runs = { numRuns: PROPERTY_RUNS };
/** The law that says everything else, too. */
const manyRuns = { numRuns: 2 * PROPERTY_RUNS };
const sealed = storyOf("sealed");

describe("any story of a sealed auction", () => {
  test("goes as a naive reading of the rules says, command by command (I2, I4, I6, I9)", options, () => {
    const encounters = newEncounters();
    fc.assert(
      fc.property(sealed, (told) => encounters.meet(expectAgreement(told).naive)),
      manyRuns,
    );
    expect(encounters.all()).toEqual(expect.arrayContaining(EVERYTHING));
  });

  test("has a price, a leader and a leaderboard only once it is closed (I10)", options, () => {
    fc.assert(
      fc.property(sealed, (told) => {
        for (const { result } of decided(told).history()) {
          if (result.live === null || result.live.status === "closed") continue;
          expect(result.live).toMatchObject({ price: null, leader: null, minimumBid: null });
          for (const event of result.events) if (event.type === "bid") expect(event.amount).toBeNull();
        }
      }),
      runs,
    );
  });

  test(
    "is won by the highest of the newest bids, for no more than that and no less than the next (I4)",
    options,
    () => {
      fc.assert(
        fc.property(sealed, (told) => {
          const bids = new Map<string, number>();
          const log = decided(told);
          const terms = log.auction()?.terms;
          for (const event of eventsOf(log)) {
            if (event.type === "sealed_bid") bids.set(event.bidderId, event.amountMinor);
            if (event.type === "bids_retracted") bids.delete(event.bidderId);
            if (event.type !== "auction_closed" || terms?.format !== "sealed") continue;
            const [highest = 0, second = 1] = [...bids.values()].sort((a, b) => b - a);
            const { winnerId, priceMinor } = event;
            const reserve = terms.reservePrice ?? 1;
            if (highest < reserve) expect(winnerId).toBeNull();
            else expect(bids.get(winnerId ?? "")).toBe(highest);
            if (winnerId !== null)
              expect(priceMinor).toBe(terms.pricing === "first" ? highest : Math.max(reserve, second));
          }
        }),
        runs,
      );
    },
  );
});

/** The law would hold for stories in which nothing happens, too: all of this did. */
const EVERYTHING = [
  "bid accepted",
  "bid auction_cancelled",
  "bid auction_closed",
  "bid auction_not_started",
  "bid bid_not_for_format",
  "bid bidder_blocked",
  "bid duplicate",
  "bid self_bid",
  "event auction_cancelled",
  "event auction_closed",
  "event bids_retracted",
  "event end_changed",
  "manage accepted",
  "manage has_bids",
  "manage no_such_standing_bid",
  "manage order_not_passed_over",
  "manage order_not_pending",
  "order close confirmed",
  "order close expired",
  "order close pending",
  "order close released",
  "order second_chance expired",
  "order second_chance pending",
];
