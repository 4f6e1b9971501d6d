import postgres from "postgres";
import type { StoredAuction, StoredEnvelope, StoredOrder } from "./evidence.ts";

export interface StoredEvidence {
  readonly envelopes: StoredEnvelope[];
  readonly auctions: StoredAuction[];
  readonly orders: StoredOrder[];
}

/** Where a slot stands, and what it could not decide. */
export interface SlotState {
  readonly slot: number;
  readonly appliedSeq: number;
  readonly parkedSeqs: ReadonlySet<number>;
  readonly haltedReason: string | null;
}

/** All shards, read with SQL and without any code of the core. */
export interface ShardArchive {
  auctionIds(): Promise<string[]>;
  slots(): Promise<ReadonlyMap<number, SlotState>>;
  of(auctionId: string): Promise<StoredEvidence>;
  close(): Promise<void>;
}

/** int8 as a number: every value of ours stays below 2^53. */
const NUMBER = { to: 20, from: [20], serialize: String, parse: Number };

export function openShardArchive(urls: readonly string[]): ShardArchive {
  const shards = urls.map((url) => postgres(url, { max: 2, connect_timeout: 5, types: { bigint: NUMBER } }));
  return {
    async auctionIds() {
      const ids = new Set<string>();
      for (const sql of shards) {
        const rows = await sql<{ id: string }[]>`
          select auction_id as id from auctions union select distinct auction_id from decision_log`;
        for (const { id } of rows) ids.add(id);
      }
      return [...ids];
    },
    async slots() {
      const states = new Map<number, SlotState>();
      for (const sql of shards) {
        const rows = await sql<{ slot: number; appliedSeq: number; haltedReason: string | null }[]>`
          select slot, applied_seq as "appliedSeq", halted_reason as "haltedReason"
          from slots where role = 'active'`;
        // Other letters were decided, as refused.
        const parked = await sql<{ slot: number; seq: number }[]>`
          select slot, seq from dead_letters where reason = 'refused_by_postgres'`;
        for (const row of rows) {
          if (states.has(row.slot)) throw new Error(`slot ${row.slot} is active on two shards`);
          const seqs = parked.filter(({ slot }) => slot === row.slot).map(({ seq }) => seq);
          states.set(row.slot, { ...row, parkedSeqs: new Set(seqs) });
        }
      }
      return states;
    },
    async of(auctionId) {
      const found: StoredEvidence = { envelopes: [], auctions: [], orders: [] };
      for (const [shard, sql] of shards.entries()) {
        found.envelopes.push(
          ...(await sql<StoredEnvelope[]>`
            select ${shard}::int as shard, seq, at, from_version as "fromVersion", to_version as "toVersion",
              envelope_id as "envelopeId", record, chain
            from decision_log where auction_id = ${auctionId} order by seq`),
        );
        found.auctions.push(
          ...(await sql<StoredAuction[]>`
            select ${shard}::int as shard, status, version, price, leader_id as "leaderId", bid_count as "bidCount",
              ends_at as "endsAt", chain
            from auctions where auction_id = ${auctionId}`),
        );
        found.orders.push(
          ...(await sql<StoredOrder[]>`
            select number, bidder_id as "bidderId", quantity, unit_price as "unitPrice", status
            from orders where auction_id = ${auctionId} order by number`),
        );
      }
      return found;
    },
    close: () => Promise.all(shards.map((sql) => sql.end({ timeout: 5 }))).then(() => {}),
  };
}
