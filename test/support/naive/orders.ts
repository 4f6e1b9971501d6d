import { happen, type NaiveAuction, type NaiveOrder } from "./state.ts";

/** `settlement.payWithinMs`, in a drop `holdMs`, after it was placed; null: never. */
function expiryOf({ terms }: NaiveAuction, at: number): number | null {
  const within = terms?.format === "drop" ? terms.holdMs : terms?.settlement?.payWithinMs;
  return within === undefined ? null : at + within;
}

/** One event for all orders that come about together. Returns what the first one's buyer is told. */
export function placeOrders(
  auction: NaiveAuction,
  source: NaiveOrder["source"],
  wanted: readonly Pick<NaiveOrder, "bidderId" | "quantity" | "unitPrice">[],
  at: number,
): Readonly<Record<string, unknown>> {
  const expiresAt = expiryOf(auction, at);
  const number = auction.orders.length + 1;
  for (const { bidderId, quantity, unitPrice } of wanted)
    auction.orders.push({
      bidderId,
      quantity,
      unitPrice,
      source,
      createdAt: at,
      expiresAt,
      status: "pending",
    });
  happen(auction, { type: "orders_placed", at });
  const [first] = wanted;
  return {
    orderId: `${auction.id}-${number}`,
    quantity: first?.quantity,
    unitPrice: first?.unitPrice,
    ...(expiresAt !== null && { expiresAt }),
  };
}

export const isLive = (order: NaiveOrder): boolean =>
  order.status === "pending" || order.status === "confirmed";

/** Units of live orders, of one bidder or of all. */
export function unitsHeld(auction: NaiveAuction, bidderId?: string): number {
  return auction.orders
    .filter((order) => isLive(order) && (bidderId === undefined || order.bidderId === bidderId))
    .reduce((sum, order) => sum + order.quantity, 0);
}

/** One event for all orders that settle together. */
export function settleOrders(
  auction: NaiveAuction,
  orders: readonly NaiveOrder[],
  status: "confirmed" | "released" | "expired",
  at: number,
): void {
  for (const order of orders) order.status = status;
  happen(auction, { type: "orders_settled", at, figure: orders.length });
}
