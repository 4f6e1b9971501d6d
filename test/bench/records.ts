import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import type { LastSequences } from "./log-writer.ts";

/** Counting a million bids through the view takes seconds; this is only the bound. */
const STATEMENT_TIMEOUT_MS = 120_000;
const POLL_MS = 50;

/** Bids on record, and how many different ones they are. */
export interface BidCounts {
  readonly rows: number;
  readonly distinct: number;
}

/** What the shards have committed, read as anyone could read it. */
export interface Records {
  bidsByBidder(auctionIds: readonly string[]): Promise<ReadonlyMap<string, BidCounts>>;
  bidsInTotal(auctionIds: readonly string[]): Promise<BidCounts>;
  /** Orders of one auction, and how many different buyers they have. */
  ordersInTotal(auctionId: string): Promise<{ readonly rows: number; readonly buyers: number }>;
  /** Whether every slot has committed up to the position given for it. */
  haveApplied(last: LastSequences): Promise<boolean>;
  /** Waits for that; throws after `timeoutMs` without. */
  applied(last: LastSequences, timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}

export function openRecords(shardUrls: readonly string[]): Records {
  const shards = shardUrls.map((url) =>
    postgres(url, { max: 1, onnotice: () => {}, connection: { statement_timeout: STATEMENT_TIMEOUT_MS } }),
  );
  const onEach = async <Row>(query: (sql: postgres.Sql) => Promise<readonly Row[]>): Promise<Row[]> =>
    (await Promise.all(shards.map(query))).flat();

  async function haveApplied(last: LastSequences): Promise<boolean> {
    const slots = [...last.keys()];
    const rows = await onEach(
      (sql) => sql<{ slot: number; seq: number }[]>`
        select slot, applied_seq::float8 as seq from slots where role = 'active' and slot = any(${slots}::int[])`,
    );
    const applied = new Map(rows.map(({ slot, seq }) => [slot, seq]));
    return slots.every((slot) => (applied.get(slot) ?? 0) >= (last.get(slot) ?? 0));
  }

  return {
    async bidsByBidder(auctionIds) {
      const rows = await onEach(
        (sql) => sql<(BidCounts & { bidder: string })[]>`
          select bidder_id as bidder, count(*)::int as rows, count(distinct (auction_id, key))::int as distinct
          from bids where auction_id = any(${[...auctionIds]}::text[]) group by bidder_id`,
      );
      return new Map(rows.map(({ bidder, ...counts }) => [bidder, counts]));
    },
    async bidsInTotal(auctionIds) {
      const rows = await onEach(
        (sql) => sql<BidCounts[]>`
          select count(*)::int as rows, count(distinct bid_id)::int as distinct
          from bids where auction_id = any(${[...auctionIds]}::text[])`,
      );
      return rows.reduce((sum, row) => ({
        rows: sum.rows + row.rows,
        distinct: sum.distinct + row.distinct,
      }));
    },
    async ordersInTotal(auctionId) {
      const rows = await onEach(
        (sql) => sql<{ rows: number; buyers: number }[]>`
          select count(*)::int as rows, count(distinct bidder_id)::int as buyers
          from orders where auction_id = ${auctionId}`,
      );
      return rows.reduce((sum, row) => ({ rows: sum.rows + row.rows, buyers: sum.buyers + row.buyers }));
    },
    haveApplied,
    async applied(last, timeoutMs) {
      const deadlineMs = performance.now() + timeoutMs;
      while (!(await haveApplied(last))) {
        if (performance.now() > deadlineMs)
          throw new Error(`the core did not commit the log within ${timeoutMs / 1_000} s`);
        await sleep(POLL_MS);
      }
    },
    close: async () => void (await Promise.all(shards.map((sql) => sql.end({ timeout: 2 })))),
  };
}
