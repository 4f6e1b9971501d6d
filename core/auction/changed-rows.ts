import { unreachable } from "../../shared/unreachable.ts";
import type { Auction } from "./auction.ts";
import { type Bidder, bidderOf } from "./bidder.ts";
import type { AuctionEvent } from "./events.ts";
import { orderAt, type OrderState } from "./order.ts";
import type { DecisionEntry } from "./record.ts";

/** The bidders and orders of an auction that some decisions have changed, as they are after them. */
export interface ChangedRows {
  readonly bidders: Map<string, Bidder>;
  readonly orders: Map<number, OrderState>;
}

export const noChangedRows = (): ChangedRows => ({ bidders: new Map(), orders: new Map() });

/**
 * What the entries' events have changed; undefined when they have not. `auction` is the auction after them. Taken when it
 * is decided: later the auction has gone on, and its maps would have to be wound back.
 */
export function changedRows(
  entries: readonly DecisionEntry[],
  auction: Auction | null,
): ChangedRows | undefined {
  if (auction === null) return undefined;
  let rows: ChangedRows | undefined;
  for (const { events } of entries) {
    if (events === undefined) continue;
    rows ??= noChangedRows();
    for (const event of events) addChanged(rows, event, auction);
  }
  return rows;
}

/** Adds later changes to earlier ones. */
export function mergeRows(into: ChangedRows, later: ChangedRows | undefined): void {
  if (later === undefined) return;
  for (const [id, bidder] of later.bidders) into.bidders.set(id, bidder);
  for (const [number, order] of later.orders) into.orders.set(number, order);
}

function addChanged({ bidders, orders }: ChangedRows, event: AuctionEvent, auction: Auction): void {
  const addBidder = (id: string): void => void bidders.set(id, bidderOf(auction.bidders, id));
  switch (event.type) {
    case "bid_accepted":
    case "maximum_raised":
    case "bought_now":
    case "sealed_bid":
    case "waitlist_joined":
    case "bids_retracted":
    case "bidder_blocked":
      return addBidder(event.bidderId);
    case "orders_placed":
      event.orders.forEach(({ bidderId }, i) => {
        addBidder(bidderId);
        orders.set(event.first + i, orderAt(auction, event.first + i));
      });
      return;
    case "orders_settled":
      for (const number of event.numbers) {
        const order = orderAt(auction, number);
        addBidder(order.bidderId);
        orders.set(number, order);
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
