import * as z from "zod";
import type { PublicBid } from "../../shared/queries.ts";
import { decodeEntries } from "../auction/record-codec.ts";
import type { Shard } from "../shards/connect.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { type BidAuction, publicBidOf } from "./public-bid.ts";
import { type QueryHandler, shardFor } from "./query-handler.ts";

/** A place in the log: what stands before it comes next. */
interface Place {
  readonly seq: number;
  readonly index: number;
}

const placeSchema = z.strictObject({ seq: z.int().min(0), index: z.int().min(0) });

const END: Place = { seq: Number.MAX_SAFE_INTEGER, index: 0 };

/** Envelopes read at once: a busy auction's hold many bids each, a quiet one's one or two. */
const FIRST_READ = 8;
const MAX_READ = 64;
/** Envelopes that one answer looks at. Ticks and retries hold no bids: a page may be short, and its cursor leads on. */
const MAX_ENVELOPES = 2_000;

interface LogRow extends BidAuction {
  readonly version: string;
  /** Null when the auction has no envelope before the place. */
  readonly seq: string | null;
  readonly at: string;
  readonly record: string;
}

/** The decided bids of an auction, newest first, bidders by alias; null when there is no such auction. */
export const queryBids: QueryHandler<"bids"> = async (deps, { auctionId, cursor, limit }) => {
  const shard = shardFor(deps, auctionId);
  let place = decodeCursor(placeSchema, cursor) ?? END;
  let version: number | undefined;
  let seen = 0;
  let exhausted = false;
  // One more than asked for tells whether there is a next page.
  const bids: PublicBid[] = [];
  for (
    let read = FIRST_READ;
    !exhausted && bids.length <= limit && seen < MAX_ENVELOPES;
    read = nextRead(read)
  ) {
    const rows = await readBackwards(shard, { auctionId, place, limit: read });
    if (rows[0] === undefined) return null;
    // The first read's version: it is from the same snapshot as the newest bids.
    version ??= Number(rows[0].version);
    for (const row of rows) {
      if (row.seq === null) continue;
      bids.push(...bidsOf(auctionId, row, { before: place, room: limit + 1 - bids.length }));
      place = { seq: Number(row.seq), index: 0 };
      seen++;
    }
    exhausted = rows.length < read || rows[0].seq === null;
  }
  const page = { bids: bids.slice(0, limit), version: version ?? 0 };
  const next = bids.length > limit ? page.bids.at(-1) : exhausted ? undefined : place;
  return next === undefined
    ? page
    : { ...page, nextCursor: encodeCursor({ seq: next.seq, index: next.index }) };
};

const nextRead = (read: number): number => Math.min(read * 2, MAX_READ);

/** In one statement, so that version and bids are of one snapshot. The month leads Postgres to the one partition. */
async function readBackwards(
  { sql }: Shard,
  { auctionId, place, limit }: { auctionId: string; place: Place; limit: number },
): Promise<LogRow[]> {
  // Of an envelope that is half shown, the rest; of one that is wholly shown, nothing.
  const last = place.index > 0 ? place.seq : place.seq - 1;
  return await sql<LogRow[]>`
    select a.version, a.format, a.status, a.state ->> 'aliasSalt' as salt, l.seq, l.at, l.record
    from auctions a left join lateral (
      select seq, at, record from decision_log
      where auction_id = a.auction_id and month = a.month and seq <= ${last}
      order by seq desc limit ${limit}) l on true
    where a.auction_id = ${auctionId} order by l.seq desc`;
}

/** The bids of an envelope, last first, as far as there is room. Neither a retry nor a reused key is a bid of its own. */
function bidsOf(
  auctionId: string,
  row: LogRow,
  { before, room }: { before: Place; room: number },
): PublicBid[] {
  const position = { seq: Number(row.seq), atMs: Number(row.at) };
  const entries = room > 0 ? decodeEntries(auctionId, row.record) : [];
  const end = before.seq === position.seq ? Math.min(before.index, entries.length) : entries.length;
  const bids: PublicBid[] = [];
  for (let i = end - 1; i >= 0 && bids.length < room; i--) {
    const entry = entries[i];
    if (entry === undefined) continue;
    const bid = publicBidOf(entry, { position, index: i }, row);
    if (bid !== undefined) bids.push(bid);
  }
  return bids;
}
