import { expect } from "vitest";
import type { Outcome } from "../../shared/outcomes.ts";
import type { Ledger } from "./ledger.ts";
import { outcomeKey, type ReplayedAuction } from "./replay.ts";

/** What a client was told about a bid of its own. */
export type ToldOutcome = Pick<Outcome, "key" | "outcome" | "seq" | "index" | "version"> & {
  readonly reason?: string | undefined;
  readonly at: number;
};

export interface ToldBid {
  readonly auctionId: string;
  readonly bidderId: string;
  readonly told: ToldOutcome;
}

/**
 * The shards say what the log says: each decided bid once, with the outcome and at the position of the replay (I1, I2),
 * and each auction's status, version, price and leader (I3, I4, I6).
 */
export function expectLedgerMatches(ledger: Ledger, replay: ReadonlyMap<string, ReplayedAuction>): void {
  const stored = new Map(
    ledger.bids.map((bid) => [`${bid.auctionId} ${outcomeKey("bid", bid.bidderId, bid.key)}`, bid]),
  );
  expect(stored.size, "a bid stands twice").toBe(ledger.bids.length);
  const wrong: object[] = [];
  let decided = 0;
  for (const [auctionId, auction] of replay) {
    for (const [key, should] of auction.outcomes) {
      if (should.kind !== "bid") continue;
      decided++;
      const is = stored.get(`${auctionId} ${key}`);
      const same =
        is?.outcome === should.outcome &&
        (is.reason ?? undefined) === should.reason &&
        is.seq === should.seq &&
        is.index === should.index &&
        is.at === should.at;
      if (!same) wrong.push({ auctionId, key, is, should });
    }
    const row = ledger.auctions.get(auctionId);
    const { status, version, price, leader, bidCount } = auction;
    const is = row && {
      status: row.status,
      version: row.version,
      price: row.price,
      leader: row.leaderId,
      bidCount: row.bidCount,
    };
    const should = status === null ? undefined : { status, version, price, leader, bidCount };
    if (JSON.stringify(is) !== JSON.stringify(should)) wrong.push({ auctionId, is, should });
  }
  expect(wrong.slice(0, 5), `${wrong.length} differences`).toEqual([]);
  expect(ledger.bids.length).toBe(decided);
}

/** Everything that clients were told is what the log says (I1, I2, I9). */
export function expectToldMatches(
  told: readonly ToldBid[],
  replay: ReadonlyMap<string, ReplayedAuction>,
): void {
  const wrong = told.filter(({ auctionId, bidderId, told: is }) => {
    const should = replay.get(auctionId)?.outcomes.get(outcomeKey("bid", bidderId, is.key));
    return !(
      should?.outcome === is.outcome &&
      should.reason === is.reason &&
      should.seq === is.seq &&
      should.index === is.index
    );
  });
  expect(wrong.slice(0, 5), `${wrong.length} clients were told something else`).toEqual([]);
}
