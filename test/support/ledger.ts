import postgres from "postgres";

/** A row of the view `bids`. */
export interface LedgerBid {
  readonly auctionId: string;
  readonly bidId: string;
  readonly bidderId: string;
  readonly key: string;
  readonly seq: number;
  readonly index: number;
  readonly amount: number;
  readonly outcome: string;
  readonly reason: string | null;
  readonly version: number;
  readonly at: number;
}

export interface LedgerAuction {
  readonly auctionId: string;
  readonly status: string;
  readonly version: number;
  readonly price: number | null;
  readonly leaderId: string | null;
  readonly bidCount: number;
  readonly seq: number;
}

export interface Ledger {
  readonly bids: readonly LedgerBid[];
  readonly auctions: ReadonlyMap<string, LedgerAuction>;
}

/** What all shards hold, read without any code of the core. */
export async function readLedger(shardUrls: readonly string[]): Promise<Ledger> {
  const bids: LedgerBid[] = [];
  const auctions = new Map<string, LedgerAuction>();
  for (const url of shardUrls) {
    const sql = postgres(url, { max: 1, types: { bigint: NUMBER } });
    try {
      bids.push(
        ...(await sql<LedgerBid[]>`
          select auction_id as "auctionId", bid_id as "bidId", bidder_id as "bidderId", key, seq, index, amount, outcome,
            reason, version, at
          from bids order by auction_id, seq, index`),
      );
      const rows = await sql<LedgerAuction[]>`
        select auction_id as "auctionId", status, version, price, leader_id as "leaderId", bid_count as "bidCount", seq
        from auctions`;
      for (const row of rows) auctions.set(row.auctionId, row);
    } finally {
      await sql.end();
    }
  }
  return { bids, auctions };
}

/** int8 as a number: every value of ours stays below 2^53. */
const NUMBER = { to: 20, from: [20], serialize: String, parse: Number };
