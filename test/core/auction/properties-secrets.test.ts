import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EnglishBook } from "../../../core/auction/english.ts";
import { renderAuction, renderLeaderboard, renderLive } from "../../../core/auction/render.ts";
import { auditOf } from "../../support/audit-file.ts";
import type { Appended } from "../../support/auction-log.ts";
import { englishTerms, olga, RUN_MS, sealedTerms, START_MS } from "../../support/builders.ts";
import { create, manage } from "../../support/builders.ts";
import { PROPERTY_RUNS, PROPERTY_TIMEOUT_MS } from "../../support/property-runs.ts";
import type { Story } from "./arbitraries.ts";
import { bidder } from "./bid-arbitraries.ts";
import { decided } from "./telling.ts";

const options = { timeout: PROPERTY_TIMEOUT_MS };
const runs = { numRuns: PROPERTY_RUNS };

/** Amounts that nothing else looks like: what is found in a text is that amount and no coincidence. */
const amount = fc.integer({ min: 2_000_000_000_000, max: 7_999_999_999_999 }).map((n) => n * 1_000 + 777);

/** Everything that leaves the core for anybody's eyes after an envelope: views, feed, and what the bidders are told. */
function publicText({ decision: { auction }, wireText }: Appended): string {
  const views =
    auction === null ? [] : [renderAuction(auction), renderLive(auction), renderLeaderboard(auction)];
  return `${wireText}\n${JSON.stringify(views)}`;
}

/** Its whole numbers, digit for digit. */
const numbersIn = (text: string): ReadonlySet<string> => new Set(text.match(/\d+/g));

describe("a sealed auction", () => {
  const offer = fc.record({ bidder, amount, byMs: fc.integer({ min: 0, max: RUN_MS / 8 }) });
  const stories = fc
    .record({
      pricing: fc.constantFrom("first" as const, "second" as const),
      reservePrice: fc.option(amount, { nil: undefined }),
      offers: fc.array(offer, { minLength: 1, maxLength: 20, size: "max" }),
      ending: fc.constantFrom("cancel" as const, "retract" as const, "end" as const, "none" as const),
    })
    .map(({ pricing, reservePrice, offers, ending }) => {
      const terms = sealedTerms({ pricing, ...(reservePrice !== undefined && { reservePrice }) });
      let timestampMs = START_MS;
      const moments = offers.map(({ bidder: bidderId, amount: offered, byMs }, i) => {
        timestampMs += byMs;
        const body = { amount: offered };
        return { timestampMs, commands: [{ type: "bid", bidderId, key: `key-${i}`, body }] as unknown[] };
      });
      const reason = "for the test";
      const bidderId = offers[0]?.bidder ?? "";
      if (ending === "retract")
        moments.push({
          timestampMs,
          commands: [manage(olga, "operator", { action: "retract", bidId: "a", bidderId, reason }, "end")],
        });
      else if (ending !== "none")
        moments.push({
          timestampMs,
          commands: [manage(olga, "operator", { action: ending, reason }, "end")],
        });
      const told: Story = { moments: [{ timestampMs: START_MS, commands: [create(terms)] }, ...moments] };
      const secrets = offers.map((each) => String(each.amount));
      return { told, secrets: reservePrice === undefined ? secrets : [...secrets, String(reservePrice)] };
    });

  test(
    "shows no amount and no reserve before it is closed, and none at all when it is cancelled (I10)",
    options,
    () => {
      let revealed = 0;
      fc.assert(
        fc.property(stories, ({ told, secrets }) => {
          const log = decided(told);
          for (const [i, appended] of log.history().entries()) {
            const numbers = numbersIn(publicText(appended) + auditOf(log, i + 1).join("\n"));
            const seen = secrets.filter((secret) => numbers.has(secret));
            if (appended.decision.auction?.status === "closed") revealed += seen.length;
            else expect(seen).toEqual([]);
          }
        }),
        runs,
      );
      // Amounts are found where they are shown.
      expect(revealed).toBeGreaterThan(0);
    },
  );
});

describe("an english auction", () => {
  const offer = fc.record({
    bidder,
    max: fc.option(amount, { nil: undefined, freq: 6 }),
    amount,
    shape: fc.constantFrom("max", "max", "both", "amount"),
    retracts: fc.nat({ max: 9 }).map((n) => n === 9),
  });
  const stories = fc
    .record({
      reservePrice: fc.option(amount, { nil: undefined }),
      offers: fc.array(offer, { minLength: 1, maxLength: 25, size: "max" }),
    })
    .map(({ reservePrice, offers }): Story => {
      const reserve = reservePrice !== undefined && { reservePrice };
      const terms = englishTerms({ startPrice: 1, increment: 1_000_000, ...reserve });
      const commands = offers.map(({ bidder: bidderId, amount: open, max = open, shape, retracts }, i) => {
        const reason = "for the test";
        if (retracts)
          return manage(olga, "operator", { action: "retract", bidId: "a", bidderId, reason }, `key-${i}`);
        const body =
          shape === "max"
            ? { maxAmount: max }
            : shape === "amount"
              ? { amount: open }
              : { amount: Math.min(open, max), maxAmount: Math.max(open, max) };
        return { type: "bid", bidderId, key: `key-${i}`, body };
      });
      const moments = [create(terms), ...commands].map((command) => ({
        timestampMs: START_MS,
        commands: [command],
      }));
      return { moments: [...moments, { timestampMs: START_MS + RUN_MS, commands: [{ type: "tick" }] }] };
    });

  test("shows neither a maximum that is not exhausted nor a reserve that is not met", options, () => {
    let kept = 0;
    fc.assert(
      fc.property(stories, (told) => {
        // What anybody has seen is no secret any more: the maximum of a leader who was overtaken for a while.
        const shown = new Set<string>();
        const named = namedOpenly(told);
        const log = decided(told);
        for (const [i, appended] of log.history().entries()) {
          // The close reveals everything in the audit, and nowhere else.
          const isOver = appended.decision.auction?.status === "closed";
          const numbers = numbersIn(publicText(appended) + (isOver ? "" : auditOf(log, i + 1).join("\n")));
          for (const secret of secretsOf(appended)) {
            if (shown.has(secret) || named.has(secret)) continue;
            expect(numbers).not.toContain(secret);
            kept++;
          }
          for (const number of numbers) shown.add(number);
        }
      }),
      runs,
    );
    expect(kept).toBeGreaterThan(0);
  });

  /** Amounts that somebody names openly, and others may by chance have as their maximum. */
  const namedOpenly = ({ moments }: Story): ReadonlySet<string> =>
    new Set(
      moments.flatMap(({ commands }) =>
        commands.map((command) => String((command as { body?: { amount?: number } }).body?.amount)),
      ),
    );

  function secretsOf({ decision: { auction } }: Appended): string[] {
    if (auction?.terms.format !== "english") return [];
    const { leader, priceMinor } = auction.book as EnglishBook;
    const secrets: string[] = [];
    if (leader !== null && leader.maxMinor > (priceMinor ?? 0)) secrets.push(String(leader.maxMinor));
    const { reservePrice } = auction.terms;
    if (reservePrice !== undefined && reservePrice > (priceMinor ?? 0)) secrets.push(String(reservePrice));
    return secrets;
  }
});
