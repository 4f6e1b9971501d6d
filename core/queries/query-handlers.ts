import type { QueryKind } from "../../shared/queries.ts";
import { queryAuction } from "./query-auction.ts";
import { queryAuctions } from "./query-auctions.ts";
import { queryAudit } from "./query-audit.ts";
import { queryBid } from "./query-bid.ts";
import { queryBids } from "./query-bids.ts";
import { queryChanges } from "./query-changes.ts";
import { queryOrders } from "./query-orders.ts";
import { queryOwnBids, queryOwnOrders } from "./query-own.ts";
import type { QueryHandler } from "./query-handler.ts";

/** Every query there is. Total: a new kind does not compile until it is here. */
export const queryHandlers: { readonly [K in QueryKind]: QueryHandler<K> } = {
  auction: queryAuction,
  auctions: queryAuctions,
  bids: queryBids,
  bid: queryBid,
  orders: queryOrders,
  ownOrders: queryOwnOrders,
  ownBids: queryOwnBids,
  audit: queryAudit,
  changes: queryChanges,
};
