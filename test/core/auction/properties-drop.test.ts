import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Auction } from "../../../core/auction/auction.ts";
import { unitsWaited } from "../../../core/auction/bidder.ts";
import { perBidder } from "../../../core/auction/drop.ts";
import { evolve } from "../../../core/auction/evolve.ts";
import type { TermsOf } from "../../../shared/terms.ts";
import { claim, create, dropTerms, START_MS } from "../../support/builders.ts";
import { PROPERTY_RUNS, PROPERTY_TIMEOUT_MS } from "../../support/property-runs.ts";
import { storyOf } from "./arbitraries.ts";
import { expectAgreement, newEncounters } from "./meeting.ts";
import { clocked, decided, regrouped } from "./telling.ts";

const options = { timeout: PROPERTY_TIMEOUT_MS };
const runs = { numRuns: PROPERTY_RUNS };
/** The law that says everything else, too. */
const manyRuns = { numRuns: 2 * PROPERTY_RUNS };
const drop = storyOf("drop");

describe("any story of a drop", () => {
  test("goes as a naive reading of the rules says, command by command (I2, I5, I6, I9)", options, () => {
    const encounters = newEncounters();
    fc.assert(
      fc.property(drop, (told) => encounters.meet(expectAgreement(told).naive)),
      manyRuns,
    );
    expect(encounters.all()).toEqual(expect.arrayContaining(EVERYTHING));
  });

  test("neither loses nor makes a unit, and gives nobody more than the limit (I5)", options, () => {
    fc.assert(
      fc.property(drop, (told) => {
        let auction: Auction | null = null;
        for (const { decision } of decided(told).history()) {
          for (const { events = [] } of decision.entries) {
            auction = events.reduce<Auction | null>(evolve, auction);
            if (auction !== null) expectConserved(auction);
          }
        }
      }),
      runs,
    );
  });

  test("sells exactly all of its units to whoever comes, whatever has happened before (I5)", options, () => {
    fc.assert(
      fc.property(drop, fc.integer({ min: 0, max: 9 }), (told, newcomers) => {
        const log = decided(told);
        const atMs = clocked(told).at(-1)?.atMs ?? START_MS;
        const { auction: before } = log.append([{ type: "tick" }], atMs).decision;
        if (before?.status !== "open" || before.terms.format !== "drop") return;
        const claims = Array.from({ length: newcomers }, (_, i) => claim(`newcomer-${i}`, {}, `new-${i}`));
        log.append([{ type: "tick" }, ...claims], atMs);
        const { units } = before.terms;
        expect(unitsHeld(log.auction() ?? before)).toBe(Math.min(units, unitsHeld(before) + newcomers));
      }),
      runs,
    );
  });
});

describe("a rush on a drop", () => {
  const wish = fc.record({
    bidder: fc.nat({ max: 11 }),
    quantity: fc.integer({ min: 1, max: 3 }),
    waitlist: fc.boolean(),
  });
  const terms = fc.record({
    units: fc.integer({ min: 1, max: 20 }),
    perBidder: fc.integer({ min: 1, max: 4 }),
  });

  test(
    "sells exactly the lesser of what there is and what may be asked for, in any envelopes (I5)",
    options,
    () => {
      const wishes = fc.array(wish, { maxLength: 60, size: "max" });
      const sizes = fc.infiniteStream(fc.integer({ min: 1, max: 9 }));
      fc.assert(
        fc.property(terms, wishes, sizes, ({ units, perBidder: limit }, wished, nextSizes) => {
          const asked = new Map<string, number>();
          const commands: object[] = [create(dropTerms({ units, perBidder: limit }))];
          wished.forEach(({ bidder, quantity, waitlist }, i) => {
            const id = `bidder-${bidder}`;
            const sum = (asked.get(id) ?? 0) + quantity;
            if (sum <= limit) asked.set(id, sum);
            // Everybody takes what is left: nothing is asked in vain while there is something.
            commands.push(
              claim(id, waitlist ? { quantity, waitlist } : { quantity, partial: true }, `key-${i}`),
            );
          });
          const told = regrouped(
            { moments: [{ timestampMs: START_MS, commands }] },
            () => nextSizes.next().value,
          );
          const demand = [...asked.values()].reduce((sum, each) => sum + each, 0);
          const auction = decided(told).auction() as Auction;
          const sold = unitsHeld(auction);
          // A claim that was cut short leaves its bidder room to ask again, so more may be asked for than `demand`, never less.
          expect(sold).toBeLessThanOrEqual(units);
          expect(sold).toBeGreaterThanOrEqual(Math.min(units, demand));
          expectConserved(auction);
        }),
        runs,
      );
    },
  );
});

function unitsHeld({ orders }: Auction, bidderId?: string): number {
  let held = 0;
  for (const order of orders.values())
    if (
      (order.status === "pending" || order.status === "confirmed") &&
      (bidderId === undefined || order.bidderId === bidderId)
    )
      held += order.quantity;
  return held;
}

/** After any whole decision. */
function expectConserved(auction: Auction): void {
  const { units } = auction.terms as TermsOf<"drop">;
  const { remaining, waiting } = auction.book as { remaining: number; waiting: number };
  expect(unitsHeld(auction) + remaining).toBe(units);
  let waited = 0;
  for (const bidder of auction.bidders.values()) {
    const own = unitsWaited(bidder);
    waited += own;
    expect(bidder.units).toBe(unitsHeld(auction, bidder.id));
    expect(bidder.units + own).toBeLessThanOrEqual(perBidder(auction as never));
  }
  expect(waited).toBe(waiting);
  // No unit lies about while somebody waits for one.
  if (waiting > 0 && auction.status !== "cancelled") expect(remaining).toBe(0);
}

/** The law would hold for stories in which nothing happens, too: all of this did. */
const EVERYTHING = [
  "bid accepted",
  "bid auction_cancelled",
  "bid auction_closed",
  "bid auction_not_started",
  "bid bid_not_for_format",
  "bid bidder_blocked",
  "bid duplicate",
  "bid limit_reached",
  "bid not_enough_units",
  "bid self_bid",
  "bid sold_out",
  "event auction_cancelled",
  "event auction_closed",
  "event end_changed",
  "event waitlist_joined",
  "manage accepted",
  "manage not_for_format",
  "manage order_not_passed_over",
  "manage order_not_pending",
  "order bid confirmed",
  "order bid expired",
  "order bid pending",
  "order bid released",
  "order waitlist confirmed",
  "order waitlist expired",
  "order waitlist pending",
  "order waitlist released",
];
