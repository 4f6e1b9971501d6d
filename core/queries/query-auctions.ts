import * as z from "zod";
import { auctionStatusSchema } from "../../shared/auctions.ts";
import { idSchema } from "../../shared/ids.ts";
import type { QueryRequest } from "../../shared/queries.ts";
import type { AuctionState } from "../auction/auction.ts";
import { renderAuction } from "../auction/render.ts";
import type { Shard } from "../shards/connect.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import type { QueryHandler } from "./query-handler.ts";

/** A place in the list: the sort key (milliseconds) and id of the last auction before it. */
interface Place {
  readonly sort: "ending" | "newest";
  readonly atMs: number;
  readonly id: string;
}

interface PageQuery extends QueryRequest<"auctions"> {
  readonly after: Place;
}

const cursorSchema = (sort: Place["sort"]) =>
  z.strictObject({ sort: z.literal(sort), atMs: z.int(), id: idSchema });

/** Before the first of either list: no auction ends or begins there. The ids' alphabet lies between "" and "~". */
const START = {
  ending: { sort: "ending", atMs: -1, id: "" },
  newest: { sort: "newest", atMs: Number.MAX_SAFE_INTEGER, id: "~" },
} as const;

/** The auctions of all shards in one order, page by page; ones that move in the order meanwhile may be missed or seen twice. */
export const queryAuctions: QueryHandler<"auctions"> = async ({ shards }, request) => {
  const { sort, limit } = request;
  const after: Place = decodeCursor(cursorSchema(sort), request.cursor) ?? START[sort];
  const read = sort === "ending" ? readEnding : readNewest;
  const pages = await Promise.all(shards.map((shard) => read(shard, { ...request, after })));
  const merged = mergePages(pages.flat(), sort);
  const auctions = merged.slice(0, limit);
  const last = auctions.at(-1);
  const list = { auctions: auctions.map(renderAuction) };
  if (merged.length <= limit || last === undefined) return list;
  return { ...list, nextCursor: encodeCursor({ sort, atMs: sortKey(last, sort), id: last.id }) };
};

/** One walk along the index for each status: an index on the end alone would be one more to write on every commit. */
async function readEnding(
  { sql }: Shard,
  { status, format, after, limit }: PageQuery,
): Promise<AuctionState[]> {
  const statuses = status === undefined ? auctionStatusSchema.options : [status];
  const rows = await sql<{ state: AuctionState }[]>`
    select page.state from unnest(${statuses}::text[]) as wanted(status) cross join lateral (
      select a.ends_at, a.auction_id, a.state from auctions a
      where a.status = wanted.status and (a.ends_at, a.auction_id) > (${after.atMs}::int8, ${after.id}::text)
        and (${format ?? null}::text is null or a.format = ${format ?? null}::text)
        and a.slot = any (array(select slot from slots where role = 'active'))
      order by a.ends_at, a.auction_id limit ${limit + 1}) as page
    order by page.ends_at, page.auction_id limit ${limit + 1}`;
  return rows.map((row) => row.state);
}

async function readNewest(
  { sql }: Shard,
  { status, format, after, limit }: PageQuery,
): Promise<AuctionState[]> {
  const rows = await sql<{ state: AuctionState }[]>`
    select a.state from auctions a
    where (a.created_at, a.auction_id) < (${after.atMs}::int8, ${after.id}::text)
      and (${status ?? null}::text is null or a.status = ${status ?? null}::text)
      and (${format ?? null}::text is null or a.format = ${format ?? null}::text)
      and a.slot = any (array(select slot from slots where role = 'active'))
    order by a.created_at desc, a.auction_id desc limit ${limit + 1}`;
  return rows.map((row) => row.state);
}

/** In the list's order. While a slot moves, two shards may both show an auction: the newer version is the right one. */
function mergePages(auctions: readonly AuctionState[], sort: Place["sort"]): AuctionState[] {
  const newest = new Map<string, AuctionState>();
  for (const auction of auctions) {
    if ((newest.get(auction.id)?.version ?? 0) < auction.version) newest.set(auction.id, auction);
  }
  const sign = sort === "ending" ? 1 : -1;
  const ascending = (a: AuctionState, b: AuctionState): number =>
    sortKey(a, sort) - sortKey(b, sort) || (a.id < b.id ? -1 : Number(a.id > b.id));
  return [...newest.values()].sort((a, b) => sign * ascending(a, b));
}

const sortKey = (auction: AuctionState, sort: Place["sort"]): number =>
  sort === "ending" ? auction.endsAtMs : auction.createdAtMs;
