import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Auction } from "../../../core/auction/auction.ts";
import { evolve } from "../../../core/auction/evolve.ts";
import { publicPrice } from "../../../core/auction/render.ts";
import { PROPERTY_RUNS, PROPERTY_TIMEOUT_MS } from "../../support/property-runs.ts";
import { storyOf } from "./arbitraries.ts";
import { eventsOf } from "./comparing.ts";
import { expectAgreement, newEncounters } from "./meeting.ts";
import { decided } from "./telling.ts";

const options = { timeout: PROPERTY_TIMEOUT_MS };
const runs = { numRuns: PROPERTY_RUNS };
/** The law that says everything else, too. */
const manyRuns = { numRuns: 2 * PROPERTY_RUNS };
const dutch = storyOf("dutch");

describe("any story of a dutch auction", () => {
  test("goes as a naive reading of the rules says, command by command (I2, I4, I6, I9)", options, () => {
    const encounters = newEncounters();
    fc.assert(
      fc.property(dutch, (told) => encounters.meet(expectAgreement(told).naive)),
      manyRuns,
    );
    expect(encounters.all()).toEqual(expect.arrayContaining(EVERYTHING));
  });

  test("moves its price only downwards, never below the floor (I3)", options, () => {
    fc.assert(
      fc.property(dutch, (told) => {
        let auction: Auction | null = null;
        let lowest = Infinity;
        for (const event of eventsOf(decided(told))) {
          auction = evolve(auction, event);
          const price = publicPrice(auction) ?? 0;
          expect(price).toBeLessThanOrEqual(lowest);
          if (auction.terms.format === "dutch")
            expect(price).toBeGreaterThanOrEqual(auction.terms.floorPrice);
          lowest = price;
        }
      }),
      runs,
    );
  });

  test("sells at the clock's price of that moment, and nobody pays more than offered", options, () => {
    fc.assert(
      fc.property(dutch, (told) => {
        for (const { decision, position } of decided(told).history()) {
          for (const { kind, outcome, body, detail } of decision.entries) {
            const { terms, startsAtMs } = decision.auction ?? {};
            if (kind !== "bid" || outcome !== "accepted" || terms?.format !== "dutch") continue;
            const fallen = Math.floor((position.atMs - (startsAtMs ?? 0)) / terms.stepMs) * terms.stepAmount;
            const { amount = 0 } = body as { amount?: number };
            expect(detail?.unitPrice).toBe(Math.max(terms.floorPrice, terms.startPrice - fallen));
            expect(detail?.unitPrice).toBeLessThanOrEqual(amount);
          }
        }
      }),
      runs,
    );
  });

  test(
    "has as many units as it began with, sold or not, and closes when the last one is taken",
    options,
    () => {
      fc.assert(
        fc.property(dutch, (told) => {
          let auction: Auction | null = null;
          const events = eventsOf(decided(told));
          events.forEach((event, place) => {
            auction = evolve(auction, event);
            const { terms, book, orders, status } = auction;
            if (terms.format !== "dutch" || !("remaining" in book)) return;
            let held = 0;
            for (const order of orders.values())
              if (order.status === "pending" || order.status === "confirmed") held += order.quantity;
            expect(held + book.remaining).toBe(terms.units ?? 1);
            if (status === "open" && book.remaining === 0)
              expect(events[place + 1]?.type).toBe("auction_closed");
          });
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
  "bid duplicate",
  "bid idempotency_key_reused",
  "bid not_enough_units",
  "bid price_moved",
  "bid self_bid",
  "event auction_closed",
  "event end_changed",
  "event price_dropped",
  "manage accepted",
  "manage not_for_format",
  "manage order_not_passed_over",
  "manage order_not_pending",
  "order bid confirmed",
  "order bid expired",
  "order bid pending",
  "order bid released",
];
