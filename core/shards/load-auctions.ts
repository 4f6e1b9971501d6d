import { inArray } from "drizzle-orm";
import { assemble } from "../auction/assemble.ts";
import type { Auction } from "../auction/auction.ts";
import { decodeEntries } from "../auction/record-codec.ts";
import type { DecisionEntry } from "../auction/record.ts";
import { bidderOfRow } from "./bidder-row.ts";
import type { Shard } from "./connect.ts";
import { orderOf } from "./order-row.ts";
import { auctions, bidders, orders } from "./schema.ts";

/** An auction as it was committed, and the keys that its decisions took. */
export interface StoredAuction {
  readonly auctionId: string;
  readonly auction: Auction | null;
  /** The log's clock of its newest envelope; 0 without one. */
  readonly atMs: number;
  readonly chain: string;
  /** Six bytes of each taken key, by the sequence of the envelope that took it. */
  readonly keys: readonly { readonly seq: number; readonly fingerprints: Uint8Array }[];
}

/** Everything that sequencing these auctions needs. An id that no decision names yet comes back empty. */
export async function loadAuctions(shard: Shard, auctionIds: readonly string[]): Promise<StoredAuction[]> {
  const ids = [...auctionIds];
  const [rows, bidderRows, orderRows, keyRows] = await Promise.all([
    shard.db
      .select({
        auctionId: auctions.auctionId,
        state: auctions.state,
        at: auctions.at,
        chain: auctions.chain,
      })
      .from(auctions)
      .where(inArray(auctions.auctionId, ids)),
    shard.db.select().from(bidders).where(inArray(bidders.auctionId, ids)),
    shard.db.select().from(orders).where(inArray(orders.auctionId, ids)),
    shard.sql<{ auction_id: string; seq: string; at: string; chain: string; fingerprints: Uint8Array }[]>`
      select auction_id, seq, at, chain, fingerprints from decision_log
      where auction_id = any(${ids}::text[]) order by auction_id, seq`,
  ]);
  const stored = new Map(rows.map((row) => [row.auctionId, row]));
  const keys = Map.groupBy(keyRows, (row) => row.auction_id);
  const standing = Map.groupBy(bidderRows, (row) => row.auctionId);
  const sales = Map.groupBy(orderRows, (row) => row.auctionId);
  return auctionIds.map((auctionId) => {
    const row = stored.get(auctionId);
    const mine = keys.get(auctionId) ?? [];
    const last = mine.at(-1);
    return {
      auctionId,
      auction:
        row === undefined ? null : assemble(row.state, rowsOf(standing.get(auctionId), sales.get(auctionId))),
      atMs: Number(row?.at ?? last?.at ?? 0),
      chain: row?.chain ?? last?.chain ?? "",
      keys: mine.map(({ seq, fingerprints }) => ({ seq: Number(seq), fingerprints })),
    };
  });
}

const rowsOf = (
  bidderRows: readonly (typeof bidders.$inferSelect)[] = [],
  orderRows: readonly (typeof orders.$inferSelect)[] = [],
): Parameters<typeof assemble>[1] => ({
  bidders: bidderRows.map(bidderOfRow),
  orders: orderRows.map(orderOf),
});

/** The decisions of one envelope, as stored. */
export interface StoredDecisions {
  readonly auctionId: string;
  readonly seq: number;
  readonly atMs: number;
  readonly entries: readonly DecisionEntry[];
}

/** The decisions of the given envelopes. */
export async function loadDecisions(
  { sql }: Shard,
  envelopes: readonly { auctionId: string; seq: number }[],
): Promise<StoredDecisions[]> {
  const rows = await sql<{ auction_id: string; seq: string; at: string; record: string }[]>`
    select l.auction_id, l.seq, l.at, l.record from decision_log l
    join unnest(${envelopes.map((e) => e.auctionId)}::text[], ${envelopes.map((e) => e.seq)}::int8[]) as w(auction_id, seq)
      on l.auction_id = w.auction_id and l.seq = w.seq`;
  return rows.map((row) => ({
    auctionId: row.auction_id,
    seq: Number(row.seq),
    atMs: Number(row.at),
    entries: decodeEntries(row.auction_id, row.record),
  }));
}
