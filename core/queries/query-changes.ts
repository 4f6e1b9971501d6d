import type { PublicEvent } from "../../shared/results.ts";
import type { AuctionState } from "../auction/auction.ts";
import type { AuctionEvent } from "../auction/events.ts";
import { renderAuction, renderEvent } from "../auction/render.ts";
import type { Shard } from "../shards/connect.ts";
import { type QueryHandler, shardFor } from "./query-handler.ts";

interface Range {
  readonly auctionId: string;
  /** Exclusive. */
  readonly since: number;
  /** Inclusive. */
  readonly until: number;
}

interface Row {
  /** Only on the first row: it is the same on all, and the largest column. */
  readonly state: AuctionState | null;
  /** Null when nothing changed since. */
  readonly from_version: string | null;
  /** Of one envelope, by command. */
  readonly events: readonly (readonly AuctionEvent[])[];
}

/**
 * The public events in (since, to] and the auction; null when there is no such auction. `to` is the auction's version
 * when all of them fit into `limit`; otherwise the rest is asked for with `since` = the last one's version. When the log of the
 * range is no longer here (its month was archived), there are no events, and the auction stands for them.
 */
export const queryChanges: QueryHandler<"changes"> = async (deps, { auctionId, since, limit }) => {
  const range = { auctionId, since, until: since + limit };
  const rows = await readChanges(shardFor(deps, auctionId), range);
  const auction = rows[0]?.state;
  if (auction === undefined || auction === null) return null;
  return { auction: renderAuction(auction), events: gaplessEvents(rows, range, auction.aliasSalt) };
};

/**
 * In one statement, so that events and auction are of one snapshot. Versions rise with the sequence, so the start
 * is found by walking back from the end of the log, which is near where a watcher that lagged wants it. Postgres picks
 * the events out of the records (`record-codec.ts` puts them at place 9): in a rush most of a record is refused bids, and
 * this thread also sequences.
 */
async function readChanges({ sql }: Shard, { auctionId, since, until }: Range): Promise<Row[]> {
  return await sql<Row[]>`
    select case when row_number() over (order by l.seq) = 1 then a.state end as state, l.from_version, l.events
    from auctions a left join lateral (
      select seq, from_version, (
        select json_agg(entry.value -> 9 order by entry.place)
        from json_array_elements(record::json) with ordinality as entry(value, place)
        where json_typeof(entry.value -> 9) = 'array') as events
      from decision_log
      where auction_id = a.auction_id and month = a.month and to_version > from_version
        and from_version < ${until}::int8
        and seq > coalesce((
          select seq from decision_log
          where auction_id = a.auction_id and month = a.month and to_version <= ${since}::int8
          order by seq desc limit 1), 0)
      order by seq) l on true
    where a.auction_id = ${auctionId} order by l.seq`;
}

/** The events of the range, each one version after the other; none when one is missing. */
function gaplessEvents(rows: readonly Row[], { since, until }: Range, aliasSalt: string): PublicEvent[] {
  const events: PublicEvent[] = [];
  for (const row of rows) {
    if (row.from_version === null) continue;
    let version = Number(row.from_version);
    for (const event of row.events.flat()) {
      version++;
      if (version <= since || version > until) continue;
      if (version !== since + events.length + 1) return [];
      events.push(renderEvent(event, version, aliasSalt));
    }
  }
  return events;
}
