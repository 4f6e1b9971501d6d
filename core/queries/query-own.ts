import * as z from "zod";
import { idSchema } from "../../shared/ids.ts";
import type { Order } from "../../shared/orders.ts";
import type { OwnBid } from "../../shared/queries.ts";
import type { AuctionState } from "../auction/auction.ts";
import { type Bidder, unitsWaited } from "../auction/bidder.ts";
import type { OrderState } from "../auction/order.ts";
import { leaderIdOf, publicPrice } from "../auction/render.ts";
import { renderOrder } from "../orders/order-events.ts";
import { bidderOfRow } from "../shards/bidder-row.ts";
import type { Shard } from "../shards/connect.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import type { QueryHandler } from "./query-handler.ts";

/** The last line of a page: what stands after it in time, or at the same moment after it by id, comes next. */
const placeSchema = z.strictObject({ atMs: z.int(), id: z.union([idSchema, z.string().max(100)]) });
type Place = z.infer<typeof placeSchema>;

const START: Place = { atMs: Number.MAX_SAFE_INTEGER, id: "" };

/** The auctions that a bidder has bid on, the latest bid first. Bidders are few rows on each shard, so every shard is asked. */
export const queryOwnBids: QueryHandler<"ownBids"> = async ({ shards }, { bidderId, cursor, limit }) => {
  const after = decodeCursor(placeSchema, cursor) ?? START;
  const found = await Promise.all(shards.map((shard) => readBids(shard, bidderId, { after, limit })));
  const { page, nextCursor } = pageOf(found.flat(), limit, (bid) => ({ atMs: bid.at, id: bid.auctionId }));
  return { bids: page, ...nextCursor };
};

/** A bidder's orders over all auctions, newest first. */
export const queryOwnOrders: QueryHandler<"ownOrders"> = async ({ shards }, { bidderId, cursor, limit }) => {
  const after = decodeCursor(placeSchema, cursor) ?? START;
  const found = await Promise.all(shards.map((shard) => readOrders(shard, bidderId, { after, limit })));
  const { page, nextCursor } = pageOf(found.flat(), limit, (order) => ({
    atMs: order.createdAt,
    id: order.orderId,
  }));
  return { orders: page, ...nextCursor };
};

interface Range {
  readonly after: Place;
  readonly limit: number;
}

type BidderRow = Parameters<typeof bidderOfRow>[0];

async function readBids({ sql }: Shard, bidderId: string, { after, limit }: Range): Promise<OwnBid[]> {
  const rows = await sql<{ bidder: BidderRow; auction: AuctionState }[]>`
    select row_to_json(mine) as bidder, a.state as auction
    from (
      select auction_id, slot, bidder_id as "bidderId", blocked, max_amount as "maxAmount", floor_amount as "floorAmount",
        reached_version as "reachedVersion", reached_at as "reachedAt", units, waiting, bid_at as "bidAt", bid_at
      from bidders where bidder_id = ${bidderId}) as mine
    join auctions a on a.auction_id = mine.auction_id
    where mine.bid_at > 0 and mine.slot = any (array(select slot from slots where role = 'active'))
      and (mine.bid_at < ${after.atMs}::int8 or (mine.bid_at = ${after.atMs}::int8 and mine.auction_id > ${after.id}))
    order by mine.bid_at desc, mine.auction_id limit ${limit + 1}`;
  return rows.map(({ bidder, auction }) => ownBidOf(bidderOfRow(bidder), auction));
}

async function readOrders({ sql }: Shard, bidderId: string, { after, limit }: Range): Promise<Order[]> {
  const rows = await sql<{ placed: OrderState; auction: AuctionState }[]>`
    select json_build_object('number', o.number, 'bidderId', o.bidder_id, 'quantity', o.quantity, 'unitPriceMinor', o.unit_price,
      'source', o.source, 'status', o.status, 'createdAtMs', o.created_at, 'updatedAtMs', o.updated_at,
      'expiresAtMs', o.expires_at) as placed, a.state as auction
    from orders o join auctions a on a.auction_id = o.auction_id
    where o.bidder_id = ${bidderId} and o.slot = any (array(select slot from slots where role = 'active'))
      and (o.created_at < ${after.atMs}::int8
        or (o.created_at = ${after.atMs}::int8 and o.auction_id || '-' || o.number > ${after.id}))
    order by o.created_at desc, o.auction_id || '-' || o.number limit ${limit + 1}`;
  return rows.map(({ placed, auction }) => renderOrder(auction, placed));
}

/** The first of what all shards gave, in one order. Ids compare by their bytes, as their columns do. */
function pageOf<T>(
  found: readonly T[],
  limit: number,
  placeOf: (line: T) => Place,
): { page: T[]; nextCursor: { nextCursor?: string } } {
  const sorted = [...found].sort((a, b) => {
    const [one, other] = [placeOf(a), placeOf(b)];
    return other.atMs - one.atMs || (one.id < other.id ? -1 : Number(one.id > other.id));
  });
  const page = sorted.slice(0, limit);
  const last = page.at(-1);
  const more = sorted.length > limit && last !== undefined;
  return { page, nextCursor: more ? { nextCursor: encodeCursor(placeOf(last)) } : {} };
}

function ownBidOf(bidder: Bidder, auction: AuctionState): OwnBid {
  const { format } = auction.terms;
  const bid: OwnBid = {
    auctionId: auction.id,
    title: auction.terms.title,
    format,
    status: auction.status,
    currency: auction.terms.currency,
    endsAt: auction.endsAtMs,
    price: publicPrice(auction),
    amount: bidder.standing?.maxMinor ?? null,
    at: bidder.bidAtMs,
  };
  if (format === "english") bid.leading = leaderIdOf(auction) === bidder.id;
  if (format === "dutch" || format === "drop") bid.units = bidder.units;
  if (format === "drop") bid.waiting = unitsWaited(bidder);
  return bid;
}
