import { type AuditHead, MAX_HEAD_ORDERS } from "../../shared/audit.ts";
import type { Auction } from "../../core/auction/auction.ts";
import { publicPrice } from "../../core/auction/render.ts";

/** What of the head is not what the rules make of the log, in words; undefined when all of it is. */
export function headDifference(stated: AuditHead, auction: Auction | null): string | undefined {
  if (auction === null) return "the log creates no auction";
  const decided = headOf(auction);
  for (const name of ["version", "status", "price", "winner", "orderCount"] as const) {
    if (stated[name] !== decided[name])
      return `it says ${name} ${String(stated[name])}, by the rules it is ${String(decided[name])}`;
  }
  const place = decided.orders.findIndex(
    (order, i) => JSON.stringify(order) !== JSON.stringify(stated.orders[i]),
  );
  if (place === -1 && stated.orders.length === decided.orders.length) return undefined;
  const order = place === -1 ? decided.orders.length : place;
  return `order ${order + 1} is ${JSON.stringify(stated.orders[order])}, by the rules ${JSON.stringify(decided.orders[order])}`;
}

function headOf(
  auction: Auction,
): Pick<AuditHead, "version" | "status" | "price" | "winner" | "orders" | "orderCount"> {
  const { version, status, winner, ordersPlaced: orderCount } = auction;
  const orders: AuditHead["orders"] = [];
  for (let number = 1; number <= Math.min(orderCount, MAX_HEAD_ORDERS); number++) {
    const order = auction.orders.get(number);
    if (order === undefined) break;
    orders.push([number, order.bidderId, order.quantity, order.unitPriceMinor, order.source, order.status]);
  }
  return {
    version,
    status,
    price: publicPrice(auction),
    winner: winner?.bidderId ?? null,
    orders,
    orderCount,
  };
}
