import { type Order, type OrderEvent, orderIdOf, type OrderStatus } from "../../shared/orders.ts";
import { WIRE_VERSION } from "../../shared/wire-version.ts";
import type { Auction, AuctionState } from "../auction/auction.ts";
import { orderAt, type OrderState } from "../auction/order.ts";
import type { DecisionEntry } from "../auction/record.ts";

const NONE: readonly OrderEvent[] = [];

/** Whether an order was placed or settled by it. */
const concernsOrders = ({ events }: DecisionEntry): boolean =>
  events?.some(({ type }) => type === "orders_placed" || type === "orders_settled") === true;

/** What other systems are told of the entries' orders, in order; `auction` is the auction after them. */
export function orderEventsOf(
  entries: readonly DecisionEntry[],
  auction: Auction | null,
  seq: number,
): readonly OrderEvent[] {
  if (auction === null || !entries.some(concernsOrders)) return NONE;
  const told: OrderEvent[] = [];
  const tell = (number: number, status: OrderStatus, at: number): void => {
    // The auction may already know what became of the order later in the same envelope.
    const order = { ...orderAt(auction, number), status, updatedAtMs: at };
    const { sellerId } = auction;
    const id = `${orderIdOf(auction.id, number)}.${status}`;
    told.push({
      v: WIRE_VERSION,
      id,
      type: `order.${status}`,
      sellerId,
      at,
      seq,
      order: renderOrder(auction, order),
    });
  };
  for (const { events } of entries) {
    if (events === undefined) continue;
    for (const event of events) {
      if (event.type === "orders_placed")
        event.orders.forEach((_, i) => tell(event.first + i, "pending", event.atMs));
      else if (event.type === "orders_settled")
        for (const number of event.numbers) tell(number, event.status, event.atMs);
    }
  }
  return told;
}

/** An order as its buyer, the seller and operators see it. */
export function renderOrder(auction: Pick<AuctionState, "id" | "terms">, order: OrderState): Order {
  return {
    orderId: orderIdOf(auction.id, order.number),
    auctionId: auction.id,
    bidderId: order.bidderId,
    status: order.status,
    source: order.source,
    quantity: order.quantity,
    unitPrice: order.unitPriceMinor,
    amount: order.unitPriceMinor * order.quantity,
    currency: auction.terms.currency,
    createdAt: order.createdAtMs,
    updatedAt: order.updatedAtMs,
    expiresAt: order.expiresAtMs,
  };
}
