import * as z from "zod";
import { MAX_HEAD_ORDERS } from "../../shared/audit.ts";
import type { AuctionState } from "../auction/auction.ts";
import { auditHead, auditHeader, auditLine, type HeadOrder, isRevealed } from "../auction/audit-lines.ts";
import type { Shard } from "../shards/connect.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { type QueryHandler, shardFor } from "./query-handler.ts";

/** Envelopes looked at for one page: as many as a quiet auction ever gets. */
const MAX_ENVELOPES = 512;
/**
 * Bytes of records on one page, beyond which it takes no further envelope. Of that and an envelope of 256 bids with their
 * reveals a reply is made that NATS carries (1 MB), in a few milliseconds of the thread that also sequences.
 */
const MAX_RECORD_BYTES = 128 * 1_024;

const placeSchema = z.strictObject({
  seq: z.int().min(0),
  lines: z.int().min(0),
  /** The file opens its commitments in every line or in none: the auction may close while it is read. */
  reveal: z.boolean(),
});
type Place = z.infer<typeof placeSchema>;

interface Row {
  /** With the first row only. */
  readonly state: AuctionState | null;
  readonly head_seq: string;
  readonly head_chain: string;
  readonly orders: HeadOrder[] | null;
  /** Envelopes that were looked at; null when there are none left. */
  readonly looked: number | null;
  readonly seq: string;
  readonly at: string;
  readonly record: string;
  readonly chain: string;
}

/** A page of an auction's audit; null when there is no such auction. Each page is of one snapshot, and so the head with what it follows. */
export const queryAudit: QueryHandler<"audit"> = async (deps, { auctionId, cursor }) => {
  const shard = shardFor(deps, auctionId);
  const place = decodeCursor(placeSchema, cursor);
  const rows = await readPage(shard, auctionId, place?.seq ?? 0);
  const [first] = rows;
  const auction = first?.state ?? null;
  if (first === undefined || auction === null) return null;
  const reveal = isRevealed(auction) && (place?.reveal ?? true);
  const next: Place = { seq: place?.seq ?? 0, lines: place?.lines ?? 0, reveal };
  let text = place === undefined ? auditHeader(auction) : "";
  for (const { looked, seq, at, record, chain } of rows) {
    if (looked === null) break;
    text += auditLine(auction, { seq: Number(seq), atMs: Number(at), record, chain }, { reveal });
    next.seq = Number(seq);
    next.lines++;
  }
  const looked = first.looked ?? 0;
  if (looked === MAX_ENVELOPES || looked > rows.length) return { text, nextCursor: encodeCursor(next) };
  const head = { seq: Number(first.head_seq), chain: first.head_chain, orders: first.orders ?? [] };
  return { text: text + auditHead(auction, { ...head, lines: next.lines }) };
};

/** What was refused before there was an auction is not part of its audit (`auction/audit-link.ts`). */
async function readPage({ sql }: Shard, auctionId: string, afterSeq: number): Promise<Row[]> {
  return await sql<Row[]>`
    select case when l.place is null or l.place = 1 then a.state end as state,
      a.seq as head_seq, a.chain as head_chain, l.looked, l.seq, l.at, l.record, l.chain,
      case when l.place is null or (l.place = 1 and l.looked < ${MAX_ENVELOPES}) then (
        select json_agg(json_build_array(number, bidder_id, quantity, unit_price, source, status) order by number)
        from (select * from orders where auction_id = a.auction_id order by number limit ${MAX_HEAD_ORDERS}) o) end as orders
    from auctions a left join lateral (
      select seq, at, record, chain, count(*) over ()::int4 as looked, row_number() over (order by seq) as place,
        sum(octet_length(record)) over (order by seq) - octet_length(record) as bytes_before
      from (
        select seq, at, record, chain from decision_log
        where auction_id = a.auction_id and month = a.month and to_version > 0 and seq > ${afterSeq}
        order by seq limit ${MAX_ENVELOPES}) looked_at) l on l.bytes_before < ${MAX_RECORD_BYTES}
    where a.auction_id = ${auctionId} order by l.seq`;
}
