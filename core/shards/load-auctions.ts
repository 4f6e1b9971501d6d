import { inArray } from "drizzle-orm";
import { assemble } from "../auction/assemble.ts";
import type { Auction } from "../auction/auction.ts";
import { bidderOfRow } from "./bidder-row.ts";
import type { Shard } from "./connect.ts";
import { loadKeys, type TakenKeys } from "./load-keys.ts";
import { orderOf } from "./order-row.ts";
import { auctions, bidders, orders } from "./schema.ts";

/** An auction as it was committed, and the keys that its decisions took first. */
export interface StoredAuction {
  readonly auctionId: string;
  readonly auction: Auction | null;
  /** The log's clock of its newest envelope; 0 without one. */
  readonly atMs: number;
  readonly chain: string;
  /** Six bytes of each key, by the sequence of the envelope that took it. Of its first envelopes: it may have taken millions. */
  readonly keys: readonly { readonly seq: number; readonly fingerprints: Uint8Array }[];
  /** More keys were taken above the last of `keys`: read on with `loadKeys`. */
  readonly keysGoOn?: boolean;
}

/** Envelopes whose keys come with their auction: all that most auctions ever get. */
const FIRST_ENVELOPES = 128;

/** Everything that sequencing these auctions needs. An id that no decision names yet comes back empty. */
export async function loadAuctions(shard: Shard, auctionIds: readonly string[]): Promise<StoredAuction[]> {
  const ids = [...auctionIds];
  const [rows, bidderRows, orderRows, newestRows, keysOf] = await Promise.all([
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
    // For ids with decisions and no auction: all of their commands were refused.
    shard.sql<{ auction_id: string; at: string; chain: string }[]>`
      select w.auction_id, newest.at, newest.chain from unnest(${ids}::text[]) as w(auction_id)
      cross join lateral (
        select at, chain from decision_log where auction_id = w.auction_id order by seq desc limit 1) newest`,
    loadKeys(shard, ids, { afterSeq: 0, limit: FIRST_ENVELOPES }),
  ]);
  const stored = new Map(rows.map((row) => [row.auctionId, row]));
  const newest = new Map(newestRows.map((row) => [row.auction_id, row]));
  const standing = Map.groupBy(bidderRows, (row) => row.auctionId);
  const sales = Map.groupBy(orderRows, (row) => row.auctionId);
  return auctionIds.map((auctionId) => {
    const row = stored.get(auctionId);
    const last = newest.get(auctionId);
    const keys = envelopesOf(keysOf.get(auctionId));
    return {
      auctionId,
      auction:
        row === undefined ? null : assemble(row.state, rowsOf(standing.get(auctionId), sales.get(auctionId))),
      atMs: Number(row?.at ?? last?.at ?? 0),
      chain: row?.chain ?? last?.chain ?? "",
      keys,
      keysGoOn: keys.length === FIRST_ENVELOPES,
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

function envelopesOf(taken: TakenKeys | undefined): StoredAuction["keys"] {
  if (taken === undefined) return [];
  let end = 0;
  return Array.from(taken.seqs, (seq, i) => {
    const start = end;
    end += taken.lengths[i] ?? 0;
    return { seq, fingerprints: taken.fingerprints.subarray(start, end) };
  });
}
