import type { Bidder } from "../../../core/auction/bidder.ts";
import type { OrderState } from "../../../core/auction/order.ts";
import { bidderOfRow } from "../../../core/shards/bidder-row.ts";
import type { Shard } from "../../../core/shards/connect.ts";
import { orderOf } from "../../../core/shards/order-row.ts";
import { slotOf } from "../../../shared/slots.ts";
import { commandSubject } from "../../../shared/subjects.ts";

/** What a shard has of an auction beside its decisions, all of one moment. */
export interface StoredState {
  readonly slot: number;
  /** The row of `auctions` by its columns; undefined without one. */
  readonly row: Readonly<Record<string, unknown>> | undefined;
  readonly bidders: readonly Bidder[];
  readonly orders: readonly OrderState[];
  /** Its newest decision. Later ones are of another moment. */
  readonly newestSeq: number;
  /** The slot's position, what is added to its stream's sequences, and what was parked without a decision. */
  readonly appliedSeq: number;
  readonly seqBase: number;
  readonly parked: ReadonlySet<number>;
}

/** One row of `decision_log`. */
export interface StoredEnvelope {
  readonly seq: number;
  readonly slot: number;
  readonly atMs: number;
  readonly fromVersion: number;
  readonly toVersion: number;
  /** Hex. */
  readonly fingerprints: string;
  readonly record: string;
  readonly chain: string;
}

/** Reads one snapshot, in a transaction of some milliseconds. An auction's bidders and orders are held in memory. */
export async function readState(
  { sql }: Pick<Shard, "sql">,
  auctionId: string,
  slots: number,
): Promise<StoredState> {
  const slot = slotOf(auctionId, slots);
  return await sql.begin("isolation level repeatable read read only", async (tx) => {
    const [auction] = await tx<{ row: Record<string, unknown> }[]>`
      select row_to_json(a) as row from auctions a where auction_id = ${auctionId}`;
    const bidders = await tx<Parameters<typeof bidderOfRow>[0][]>`
      select bidder_id as "bidderId", blocked, max_amount::float8 as "maxAmount", floor_amount::float8 as "floorAmount",
        reached_version::float8 as "reachedVersion", reached_at::float8 as "reachedAt", units, waiting, bid_at::float8 as "bidAt"
      from bidders where auction_id = ${auctionId}`;
    const orders = await tx<Parameters<typeof orderOf>[0][]>`
      select number, bidder_id as "bidderId", quantity, unit_price::float8 as "unitPrice", source, status,
        created_at::float8 as "createdAt", updated_at::float8 as "updatedAt", expires_at::float8 as "expiresAt"
      from orders where auction_id = ${auctionId}`;
    const [newest] = await tx<{ seq: number }[]>`
      select coalesce(max(seq), 0)::float8 as seq from decision_log where auction_id = ${auctionId}`;
    const [position] = await tx<{ applied: number; base: number }[]>`
      select applied_seq::float8 as applied, seq_base::float8 as base from slots where slot = ${slot}`;
    const parked = await tx<{ seq: number }[]>`
      select seq::float8 as seq from dead_letters
      where slot = ${slot} and subject = ${commandSubject(slot, auctionId)} and reason = 'refused_by_postgres'`;
    return {
      slot,
      row: auction?.row,
      bidders: bidders.map(bidderOfRow),
      orders: orders.map(orderOf),
      newestSeq: newest?.seq ?? 0,
      appliedSeq: position?.applied ?? 0,
      seqBase: position?.base ?? 0,
      parked: new Set(parked.map(({ seq }) => seq)),
    };
  });
}

/** Rows of a page: some megabytes at most. */
const PAGE = 1_000;

/** The auction's decisions up to `upToSeq`, in order. They never change, so no transaction holds them together. */
export async function* readEnvelopes(
  { sql }: Pick<Shard, "sql">,
  auctionId: string,
  upToSeq: number,
): AsyncGenerator<StoredEnvelope> {
  for (let afterSeq = 0; ;) {
    const page = await sql<StoredEnvelope[]>`
      select seq::float8 as seq, slot, at::float8 as "atMs", from_version::float8 as "fromVersion",
        to_version::float8 as "toVersion", encode(fingerprints, 'hex') as fingerprints, record, chain
      from decision_log where auction_id = ${auctionId} and seq > ${afterSeq} and seq <= ${upToSeq}
      order by seq limit ${PAGE}`;
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    afterSeq = last.seq;
  }
}
