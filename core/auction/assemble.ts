import type { Auction, AuctionState } from "./auction.ts";
import type { Bidder } from "./bidder.ts";
import type { OrderState } from "./order.ts";
import { PersistentMap } from "./persistent-map.ts";
import { queueOf } from "./waitlist.ts";

/** The auction as it was, from the rows that it was stored as. */
export function assemble(
  state: AuctionState,
  rows: { readonly bidders: readonly Bidder[]; readonly orders: readonly OrderState[] },
): Auction {
  const bidders = PersistentMap.of(rows.bidders.map((bidder) => [bidder.id, bidder]));
  const orders = PersistentMap.of(rows.orders.map((order) => [order.number, order]));
  return { ...state, bidders, orders, queue: queueOf(bidders) };
}
