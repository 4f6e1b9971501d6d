import { unreachable } from "../../shared/unreachable.ts";
import type { Auction } from "./auction.ts";
import type { AuctionEvent } from "./events.ts";
import { orderAt } from "./order.ts";
import type { DecisionEntry } from "./record.ts";

/** The rows of an auction that some events have changed. */
export interface Touched {
  readonly bidders: Set<string>;
  readonly orders: Set<number>;
}

/** Adds what the entries' events have changed; `auction` is the auction after them. */
export function touch(touched: Touched, entries: readonly DecisionEntry[], auction: Auction): void {
  for (const { events } of entries) {
    if (events !== undefined) for (const event of events) touchOne(touched, event, auction);
  }
}

function touchOne({ bidders, orders }: Touched, event: AuctionEvent, auction: Auction): void {
  switch (event.type) {
    case "bid_accepted":
    case "maximum_raised":
    case "bought_now":
    case "sealed_bid":
    case "waitlist_joined":
    case "bids_retracted":
    case "bidder_blocked":
      bidders.add(event.bidderId);
      return;
    case "orders_placed":
      event.orders.forEach(({ bidderId }, i) => {
        bidders.add(bidderId);
        orders.add(event.first + i);
      });
      return;
    case "orders_settled":
      for (const number of event.numbers) {
        bidders.add(orderAt(auction, number).bidderId);
        orders.add(number);
      }
      return;
    case "auction_created":
    case "auction_opened":
    case "auction_extended":
    case "auction_closed":
    case "auction_cancelled":
    case "end_changed":
    case "counter_bid":
    case "price_dropped":
      return;
    default:
      return unreachable(event);
  }
}
