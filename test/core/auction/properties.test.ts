import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Auction } from "../../../core/auction/auction.ts";
import type { AuctionEvent } from "../../../core/auction/events.ts";
import { evolve } from "../../../core/auction/evolve.ts";
import { decodeEntries } from "../../../core/auction/record-codec.ts";
import { renderAuction, renderLeaderboard } from "../../../core/auction/render.ts";
import { bidderAliasFor } from "../../../shared/ids.ts";
import { type Result, resultSchema } from "../../../shared/results.ts";
import type { AuctionLog } from "../../support/auction-log.ts";
import { ALIAS_SALT, AUCTION_ID, bid, create, sam, START_MS } from "../../support/builders.ts";
import { PROPERTY_RUNS, PROPERTY_TIMEOUT_MS } from "../../support/property-runs.ts";
import { BIDDERS, story } from "./arbitraries.ts";
import { closing, comparable, comparableNaive, expectedOutcomes, naiveClosing } from "./comparing.ts";
import { decided, regrouped, replayed } from "./telling.ts";

const options = { timeout: PROPERTY_TIMEOUT_MS };
const runs = { numRuns: PROPERTY_RUNS };

describe("any story of an auction", () => {
  test("ends as a naive reading of the rules says, command by command (I2, I4, I6, I9)", options, () => {
    const met = new Set<string>();
    fc.assert(
      fc.property(story, (told) => {
        const log = decided(told);
        const naive = replayed(told);
        const entries = log.history().flatMap(({ decision, position }) =>
          decision.entries.map((entry, index) => ({
            ...entry,
            seq: position.seq,
            index,
            at: position.atMs,
          })),
        );
        expect(entries.map(comparable)).toEqual(naive.decisions.map(comparableNaive));
        expect(log.history().flatMap(({ result }) => result.outcomes)).toMatchObject(expectedOutcomes(naive));
        expect(closing(log.auction())).toEqual(naiveClosing(naive));
        for (const entry of entries) met.add(`${entry.kind} ${entry.reason ?? entry.outcome}`);
        if (naive.winner !== null) met.add("a winner");
      }),
      runs,
    );
    // The law would hold for stories in which nothing happens, too: see that everything did.
    expect([...met].sort()).toEqual(EVERYTHING);
  });

  test("does not depend on how its commands were batched into envelopes", options, () => {
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

  test(
    "is rebuilt by its events alone: evolve from nothing gives the state that deciding gave",
    options,
    () => {
      fc.assert(
        fc.property(story, (told) => {
          const log = decided(told);
          const events = eventsOf(log);
          // As read back from the database, not as they were in memory.
          const stored = JSON.parse(JSON.stringify(events)) as AuctionEvent[];
          expect(stored.reduce<Auction | null>(evolve, null)).toEqual(log.auction());
        }),
        runs,
      );
    },
  );

  test(
    "is the same bytes and the same chain on every replay, even when nothing is kept in memory (I2)",
    options,
    () => {
      fc.assert(
        fc.property(story, (told) => {
          const once = decided(told).history().map(bytes);
          const again = decided(told).history().map(bytes);
          const forgetful = decided(told, { forgetful: true }).history().map(bytes);
          expect(again).toEqual(once);
          expect(forgetful).toEqual(once);
        }),
        runs,
      );
    },
  );

  test("keeps on its leaderboard what sorting all bids would put there, however many bid", options, () => {
    const crowd = fc.array(fc.nat({ max: 29 }), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(crowd, fc.integer({ min: 1, max: 3 }), (bidders, increment) => {
        const commands = bidders.map((bidder, i) => bid(`bidder-${bidder}`, 100 + i * 2, `key-${i}`));
        const told = {
          moments: [{ timestampMs: START_MS, commands: [create({ startPrice: 1, increment }), ...commands] }],
        };
        expect(closing(decided(told).auction())).toEqual(naiveClosing(replayed(told)));
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

  test("counts its versions without gaps, and its price only rises (I3)", options, () => {
    fc.assert(
      fc.property(story, (told) => {
        const results = decided(told)
          .history()
          .map((appended) => appended.result);
        let version = 0;
        let price = 0;
        for (const result of results) {
          expect(result.from).toBe(version);
          expect(result.events.map((event) => event.version)).toEqual(
            result.events.map((_, i) => version + i + 1),
          );
          version += result.events.length;
          expect([result.to, result.live?.version ?? 0]).toEqual([version, version]);
          for (const event of result.events) {
            if (event.type !== "bid") continue;
            expect(event.amount).toBeGreaterThan(price);
            price = event.amount;
          }
          if (price > 0) expect(result.live?.price).toBe(price);
        }
      }),
      runs,
    );
  });

  test(
    "closes at most once, at the end of its events, and takes no bid stamped at or after its end (I4, I6)",
    options,
    () => {
      fc.assert(
        fc.property(story, (told) => {
          const log = decided(told);
          const events = eventsOf(log);
          const closings = events.filter((event) => event.type === "auction_closed");
          expect(closings.length).toBeLessThanOrEqual(1);
          const { winner, price } = replayed(told);
          if (closings.length === 1)
            expect(events.at(-1)).toMatchObject({
              type: "auction_closed",
              winnerId: winner,
              priceMinor: price,
            });
          const endsAtMs = log.auction()?.endsAtMs ?? 0;
          for (const event of events)
            if (event.type === "bid_accepted") expect(event.atMs).toBeLessThan(endsAtMs);
          for (const { result } of log.history()) {
            for (const outcome of result.outcomes)
              if (outcome.at < endsAtMs) expect(outcome.reason).not.toBe("auction_closed");
          }
        }),
        runs,
      );
    },
  );

  test("tells the world nothing but aliases, in results that fit their schema", options, () => {
    const bidders = BIDDERS.filter((bidder) => bidder !== sam);
    fc.assert(
      fc.property(story, (told) => {
        const log = decided(told);
        const auction = log.auction();
        const views = auction === null ? [] : [renderAuction(auction), renderLeaderboard(auction)];
        const results = log.history().map((appended) => appended.wire);
        for (const result of results) expect(resultSchema.parse(result)).toEqual(result);
        for (const { wire, wireText } of log.history()) expect(JSON.parse(wireText)).toEqual(wire);
        const text = JSON.stringify([results.map(withoutOutcomes), views]);
        for (const bidder of bidders) expect(text).not.toContain(JSON.stringify(bidder));
        expect(text).not.toContain(ALIAS_SALT);
        const aliases = new Set(bidders.map((bidder) => bidderAliasFor(ALIAS_SALT, bidder)));
        expect(aliases.size).toBe(bidders.length);
        for (const [alias] of text.matchAll(/b-[\w-]{10}/g)) expect(aliases).toContain(alias);
      }),
      runs,
    );
  });
});

const EVERYTHING = [
  "a winner",
  "bid accepted",
  "bid auction_closed",
  "bid auction_not_found",
  "bid auction_not_started",
  "bid bid_too_low",
  "bid duplicate",
  "bid idempotency_key_reused",
  "bid self_bid",
  "create accepted",
  "create auction_exists",
  "create duplicate",
  "create ends_in_the_past",
  "create idempotency_key_reused",
  "tick applied",
  "tick auction_not_found",
  "unreadable internal_error",
];

const bytes = ({ record, chain }: { record: string; chain: string }): [string, string] => [record, chain];

const eventsOf = (log: AuctionLog): AuctionEvent[] =>
  log.history().flatMap(({ decision }) => decision.entries.flatMap((entry) => entry.events ?? []));

const withoutOutcomes = ({ outcomes: _private, ...rest }: Result): Omit<Result, "outcomes"> => rest;

/** Everything that batching must leave alone: all but positions and the grouping itself. */
function summary(log: AuctionLog): unknown {
  const outcomes = log
    .history()
    .flatMap(({ result }) => result.outcomes.map(({ seq: _seq, index: _index, ...rest }) => rest));
  const entries = log
    .history()
    .flatMap(({ decision }) => decision.entries.map(({ of: _of, ...rest }) => rest));
  return { outcomes, entries, auction: log.auction() };
}
