import { type Auction, stateOf } from "../../core/auction/auction.ts";

/** An auction that can be compared and written down: its bidders, orders and queue in one order, whatever that of their maps is. */
export function plainAuction(auction: Auction | null): object | null {
  if (auction === null) return null;
  return {
    ...stateOf(auction),
    bidders: [...auction.bidders.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    orders: [...auction.orders.values()].sort((a, b) => a.number - b.number),
    queue: [...auction.queue].sort(([a], [b]) => a - b),
  };
}
