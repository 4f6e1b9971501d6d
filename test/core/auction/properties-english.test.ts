import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Auction } from "../../../core/auction/auction.ts";
import { evolve } from "../../../core/auction/evolve.ts";
import { publicPrice } from "../../../core/auction/render.ts";
import { bid, bidOf, create, START_MS } from "../../support/builders.ts";
import { PROPERTY_RUNS, PROPERTY_TIMEOUT_MS } from "../../support/property-runs.ts";
import { type Story, storyOf } from "./arbitraries.ts";
import { closing, eventsOf, naiveClosing } from "./comparing.ts";
import { expectAgreement, newEncounters } from "./meeting.ts";
import { decided, regrouped, replayed } from "./telling.ts";

const options = { timeout: PROPERTY_TIMEOUT_MS };
const runs = { numRuns: PROPERTY_RUNS };
/** The law that says everything else, too. */
const manyRuns = { numRuns: 2 * PROPERTY_RUNS };
const english = storyOf("english");

describe("any story of an english auction", () => {
  test("goes as a naive reading of the rules says, command by command (I2, I4, I6, I9)", options, () => {
    const encounters = newEncounters();
    fc.assert(
      fc.property(english, (told) => encounters.meet(expectAgreement(told).naive)),
      manyRuns,
    );
    expect(encounters.all()).toEqual(expect.arrayContaining(EVERYTHING));
  });

  test("moves its price only upwards while it is open, except by a retraction (I3)", options, () => {
    fc.assert(
      fc.property(english, (told) => {
        let auction: Auction | null = null;
        let highest = 0;
        for (const event of eventsOf(decided(told))) {
          auction = evolve(auction, event);
          if (event.type === "bids_retracted") highest = 0;
          if (auction.status !== "open") continue;
          const price = publicPrice(auction) ?? 0;
          expect(price).toBeGreaterThanOrEqual(highest);
          highest = price;
        }
      }),
      runs,
    );
  });

  test(
    "lets a leader pay more than the own maximum never, and less than what others offered never",
    options,
    () => {
      fc.assert(
        fc.property(english, (told) => {
          const limits = new Map<string, number>();
          let auction: Auction | null = null;
          for (const event of eventsOf(decided(told))) {
            auction = evolve(auction, event);
            if (event.type === "bid_accepted" || event.type === "maximum_raised") {
              const limit = event.maxMinor ?? event.amountMinor;
              limits.set(event.bidderId, Math.max(limit, limits.get(event.bidderId) ?? 0));
            }
            if (event.type === "bids_retracted") limits.delete(event.bidderId);
            if (event.type !== "auction_closed" || event.winnerId === null) continue;
            const { winnerId, priceMinor } = event;
            const boughtNow = !limits.has(winnerId) || priceMinor === buyNowPrice(auction);
            if (boughtNow) continue;
            expect(priceMinor).toBeLessThanOrEqual(limits.get(winnerId) ?? 0);
            expect(priceMinor).toBeGreaterThanOrEqual(Math.max(...exceptOf(limits, winnerId), 1));
          }
        }),
        runs,
      );
    },
  );
});

const buyNowPrice = ({ terms }: Auction): number | undefined =>
  terms.format === "english" ? terms.buyNowPrice : undefined;

const exceptOf = (limits: ReadonlyMap<string, number>, bidderId: string): number[] =>
  [...limits].filter(([id]) => id !== bidderId).map(([, limit]) => limit);

describe("proxy bids", () => {
  const crowd = fc.array(
    fc.record({
      bidder: fc.nat({ max: 29 }),
      raise: fc.integer({ min: -3, max: 12 }),
      limit: fc.integer({ min: 0, max: 60 }),
    }),
    { minLength: 1, maxLength: 80, size: "max" },
  );

  /** A crowd's bids at one moment, in one envelope. */
  const bidding = crowd.map((bids): Story => {
    const commands = bids.map(({ bidder, raise, limit }, i) => {
      const amount = 100 + i * 3 + raise;
      const body = limit > 30 ? { maxAmount: amount + limit } : { amount, maxAmount: amount + limit };
      return limit === 0
        ? bid(`bidder-${bidder}`, amount, `key-${i}`)
        : bidOf(`bidder-${bidder}`, body, `key-${i}`);
    });
    return {
      moments: [{ timestampMs: START_MS, commands: [create({ startPrice: 1, increment: 3 }), ...commands] }],
    };
  });

  test("come out the same however they are put into envelopes (I2)", options, () => {
    fc.assert(
      fc.property(bidding, fc.infiniteStream(fc.integer({ min: 1, max: 9 })), (told, sizes) => {
        const whole = decided(told);
        const outcome = [closing(whole.auction()), eventsOf(whole)];
        for (const split of [regrouped(told, () => 1), regrouped(told, () => sizes.next().value)]) {
          const log = decided(split);
          expect([closing(log.auction()), eventsOf(log)]).toEqual(outcome);
        }
      }),
      runs,
    );
  });

  test("stand on the leaderboard as sorting all of them would put them, however many bid", options, () => {
    fc.assert(
      fc.property(bidding, (told) => {
        expect(closing(decided(told).auction())).toEqual(naiveClosing(replayed(told)));
      }),
      runs,
    );
  });
});

/** The law would hold for stories in which nothing happens, too: all of this did. */
const EVERYTHING = [
  "bid accepted",
  "bid auction_cancelled",
  "bid auction_closed",
  "bid auction_not_found",
  "bid auction_not_started",
  "bid bid_not_for_format",
  "bid bid_too_low",
  "bid bidder_blocked",
  "bid buy_now_unavailable",
  "bid duplicate",
  "bid idempotency_key_reused",
  "bid maximum_not_raised",
  "bid self_bid",
  "create accepted",
  "create auction_exists",
  "create duplicate",
  "create ends_in_the_past",
  "create idempotency_key_reused",
  "create soft_close_too_long",
  "event auction_cancelled",
  "event auction_closed",
  "event auction_extended",
  "event auction_opened",
  "event bids_retracted",
  "event bought_now",
  "event counter_bid",
  "event end_changed",
  "event maximum_raised",
  "manage accepted",
  "manage has_bids",
  "manage no_such_standing_bid",
  "manage not_permitted",
  "manage order_not_found",
  "manage order_not_passed_over",
  "manage order_not_pending",
  "order close expired",
  "order close pending",
  "order close released",
  "order second_chance pending",
  "tick applied",
  "tick auction_not_found",
  "unreadable internal_error",
];
