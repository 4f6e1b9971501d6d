import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Auction } from "../../../core/auction/auction.ts";
import { nextDeadlineMs } from "../../../core/auction/deadlines.ts";
import { evolve } from "../../../core/auction/evolve.ts";
import { decodeEntries } from "../../../core/auction/record-codec.ts";
import { renderAuction, renderLeaderboard } from "../../../core/auction/render.ts";
import { bidderAliasFor } from "../../../shared/ids.ts";
import { auctionViewSchema } from "../../../shared/auctions.ts";
import { type Result, resultSchema } from "../../../shared/results.ts";
import type { Appended, AuctionLog } from "../../support/auction-log.ts";
import { ALIAS_SALT, AUCTION_ID, olga, sam, SECRET_SALT } from "../../support/builders.ts";
import { PROPERTY_RUNS, PROPERTY_TIMEOUT_MS } from "../../support/property-runs.ts";
import { story } from "./arbitraries.ts";
import { BIDDERS } from "./bid-arbitraries.ts";
import { contentOf, eventsOf, outcomesOf } from "./comparing.ts";
import { decided, regrouped } from "./telling.ts";

/** The laws of every format; each format has its own in a file of its own. */
const options = { timeout: PROPERTY_TIMEOUT_MS };
const runs = { numRuns: PROPERTY_RUNS };

describe("any story of any auction", () => {
  test("does not depend on how its commands were batched into envelopes (I2)", options, () => {
    fc.assert(
      fc.property(story, fc.infiniteStream(fc.integer({ min: 1, max: 4 })), (told, sizes) => {
        const whole = decided(told);
        const single = decided(regrouped(told, () => 1));
        const mixed = decided(regrouped(told, () => sizes.next().value));
        expect(summary(single)).toEqual(summary(whole));
        expect(summary(mixed)).toEqual(summary(whole));
      }),
      runs,
    );
  });

  test("is rebuilt by its stored events alone, and evolve takes each of them (I2)", options, () => {
    fc.assert(
      fc.property(story, (told) => {
        const log = decided(told);
        const stored = log.history().flatMap(({ record }) => decodeEntries(AUCTION_ID, record));
        const auction = stored.flatMap(({ events = [] }) => events).reduce<Auction | null>(evolve, null);
        expect(contentOf(auction)).toEqual(contentOf(log.auction()));
      }),
      runs,
    );
  });

  test(
    "is the same bytes and the same chain on every replay, even when nothing is kept in memory (I2)",
    options,
    () => {
      fc.assert(
        fc.property(story, (told) => {
          const once = decided(told);
          const forgetful = decided(told, { forgetful: true });
          expect(forgetful.history().map(bytes)).toEqual(once.history().map(bytes));
          expect(contentOf(forgetful.auction())).toEqual(contentOf(once.auction()));
        }),
        runs,
      );
    },
  );

  test("begins, replayed up to any message, with the bytes and the state of the whole (I2)", options, () => {
    fc.assert(
      fc.property(story, fc.nat(), (told, cut) => {
        const length = 1 + (cut % told.moments.length);
        const whole = decided(told).history();
        const prefix = decided({ moments: told.moments.slice(0, length) });
        expect(prefix.history().map(bytes)).toEqual(whole.slice(0, length).map(bytes));
        expect(contentOf(prefix.auction())).toEqual(contentOf(whole[length - 1]?.decision.auction ?? null));
      }),
      runs,
    );
  });

  test("leaves every earlier version of the auction as it was", options, () => {
    fc.assert(
      fc.property(story, (told) => {
        let auction: Auction | null = null;
        const versions: { auction: Auction; text: string }[] = [];
        for (const event of eventsOf(decided(told))) {
          auction = evolve(auction, event);
          versions.push({ auction, text: JSON.stringify(contentOf(auction)) });
        }
        for (const { auction: version, text } of versions)
          expect(JSON.stringify(contentOf(version))).toBe(text);
      }),
      runs,
    );
  });

  test("is stored without loss: the records' texts give back every entry", options, () => {
    fc.assert(
      fc.property(story, (told) => {
        for (const { record, decision } of decided(told).history()) {
          expect(record).not.toMatch(/[\n\0]/);
          expect(decodeEntries(AUCTION_ID, record)).toEqual(decision.entries);
        }
      }),
      runs,
    );
  });

  test("counts its versions without gaps, one for each event (I3)", options, () => {
    fc.assert(
      fc.property(story, (told) => {
        let version = 0;
        for (const { result, decision } of decided(told).history()) {
          expect(result.from).toBe(version);
          expect(result.events.map((event) => event.version)).toEqual(
            result.events.map((_, i) => version + i + 1),
          );
          for (const entry of decision.entries) {
            version += entry.events?.length ?? 0;
            expect(entry.version).toBe(version);
          }
          expect(result.to).toBe(version);
        }
      }),
      runs,
    );
  });

  test("refuses nothing that can be read as an internal error", options, () => {
    fc.assert(
      fc.property(story, (told) => {
        for (const { decision } of decided(told).history())
          for (const { kind, reason } of decision.entries)
            if (reason === "internal_error") expect(kind).toBe("unreadable");
      }),
      runs,
    );
  });

  test("has met every deadline that has come, whenever it has decided something", options, () => {
    fc.assert(
      fc.property(story, (told) => {
        for (const { decision, position } of decided(told).history()) {
          const looked = decision.entries.some(
            ({ kind, outcome, reason }) =>
              kind !== "unreadable" && outcome !== "duplicate" && reason !== "idempotency_key_reused",
          );
          if (!looked || decision.auction === null) continue;
          expect(nextDeadlineMs(decision.auction) ?? Infinity).toBeGreaterThan(position.atMs);
        }
      }),
      runs,
    );
  });

  test("closes at most once, and takes bids while it is open and at no other time (I4, I6)", options, () => {
    fc.assert(
      fc.property(story, (told) => {
        const log = decided(told);
        let auction: Auction | null = null;
        let closings = 0;
        for (const { decision, position } of log.history()) {
          for (const { kind, outcome, reason, events = [] } of decision.entries) {
            const before = auction;
            for (const event of events) {
              auction = evolve(auction, event);
              if (event.type === "auction_closed") closings++;
            }
            if (kind !== "bid" || auction === null) continue;
            if (outcome === "accepted") expect(position.atMs).toBeLessThan(before?.endsAtMs ?? 0);
            if (reason === "auction_closed") expect(auction.status).toBe("closed");
            if (reason === "auction_not_started") expect(position.atMs).toBeLessThan(auction.startsAtMs);
          }
        }
        expect(closings).toBeLessThanOrEqual(1);
        if (closings === 1) expect(auction?.status).toBe("closed");
      }),
      runs,
    );
  });

  test(
    "tells the world nothing but aliases, in results that fit their schema and are written as they are read",
    options,
    () => {
      const people = [...BIDDERS.filter((bidder) => bidder !== sam), olga];
      const aliases = new Set(BIDDERS.map((bidder) => bidderAliasFor(ALIAS_SALT, bidder)));
      fc.assert(
        fc.property(story, (told) => {
          const log = decided(told);
          for (const { wire, wireText } of log.history()) {
            expect(resultSchema.parse(wire)).toEqual(wire);
            expect(JSON.parse(wireText)).toEqual(wire);
          }
          const text = JSON.stringify([viewsOf(log), log.history().map(({ wire }) => withoutOutcomes(wire))]);
          for (const person of people) expect(text).not.toContain(JSON.stringify(person));
          expect(text).not.toContain(ALIAS_SALT);
          expect(text).not.toContain(SECRET_SALT);
          for (const [alias] of text.matchAll(/b-[\w-]{10}/g)) expect(aliases).toContain(alias);
        }),
        runs,
      );
    },
  );
});

const bytes = ({ record, chain }: Appended): [string, string] => [record, chain];

const withoutOutcomes = ({ outcomes: _private, ...rest }: Result): Omit<Result, "outcomes"> => rest;

/** What anybody may see of the auction after each envelope. */
function viewsOf(log: AuctionLog): unknown[] {
  return log.history().flatMap(({ decision: { auction } }) => {
    if (auction === null) return [];
    const view = renderAuction(auction);
    expect(auctionViewSchema.parse(view)).toEqual(view);
    return [view, renderLeaderboard(auction)];
  });
}

/** Everything that batching must leave alone: all but positions and the grouping itself. */
function summary(log: AuctionLog): unknown {
  const outcomes = outcomesOf(log).map(({ seq: _seq, index: _index, ...rest }) => rest);
  const entries = log
    .history()
    .flatMap(({ decision }) => decision.entries.map(({ of: _of, ...rest }) => rest));
  return { outcomes, entries, auction: contentOf(log.auction()) };
}
