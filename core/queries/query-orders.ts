import * as z from "zod";
import type { AuctionState } from "../auction/auction.ts";
import { renderOrder } from "../orders/order-events.ts";
import { orderOf } from "../shards/order-row.ts";
import { orders } from "../shards/schema.ts";
import { and, desc, eq, lt } from "drizzle-orm";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { type QueryHandler, shardFor } from "./query-handler.ts";

/** Orders with a smaller number come next. */
const placeSchema = z.strictObject({ number: z.int().min(1) });

/** An auction's orders, newest first; null when there is no such auction. */
export const queryOrders: QueryHandler<"orders"> = async (deps, { auctionId, status, cursor, limit }) => {
  const { sql, db } = shardFor(deps, auctionId);
  const before = decodeCursor(placeSchema, cursor)?.number ?? Number.MAX_SAFE_INTEGER;
  const [row] = await sql<
    { state: AuctionState }[]
  >`select state from auctions where auction_id = ${auctionId}`;
  if (row === undefined) return null;
  const { state } = row;
  const rows = await db
    .select()
    .from(orders)
    .where(
      and(
        eq(orders.auctionId, auctionId),
        lt(orders.number, Math.min(before, MAX_INT4)),
        status === undefined ? undefined : eq(orders.status, status),
      ),
    )
    .orderBy(desc(orders.number))
    .limit(limit + 1);
  const page = rows.slice(0, limit).map((order) => renderOrder(state, orderOf(order)));
  const last = rows[limit - 1];
  const list = { sellerId: state.sellerId, orders: page };
  return rows.length <= limit || last === undefined
    ? list
    : { ...list, nextCursor: encodeCursor({ number: last.number }) };
};

/** The column's type ends here; no auction has so many orders. */
const MAX_INT4 = 2_147_483_647;
