import { orderIdOf, type OrderSource, type OrderStatus } from "../../shared/orders.ts";
import type { OutcomeDetail } from "../../shared/outcomes.ts";
import type { Auction, AuctionState } from "./auction.ts";
import { bidderOf, type Bidders, withBidder } from "./bidder.ts";
import type { EventOf, PlacedOrder } from "./events.ts";
import { InvariantError } from "./invariant-error.ts";
import { PersistentMap } from "./persistent-map.ts";

/** A sale that waits to be paid, or what became of it. Numbered from 1 within its auction, in the order of placing. */
export interface OrderState {
  readonly number: number;
  readonly bidderId: string;
  readonly quantity: number;
  readonly unitPriceMinor: number;
  readonly source: OrderSource;
  readonly status: OrderStatus;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** Null: it does not expire by itself. */
  readonly expiresAtMs: number | null;
}

/** Persistent, by number. */
export type Orders = PersistentMap<number, OrderState>;

export const NO_ORDERS: Orders = PersistentMap.empty();

/** How long a buyer of this auction has to pay, in ms; null without a limit. The same for all of its orders, so they expire in order. */
export function payWithinMs({ terms }: AuctionState): number | null {
  return (terms.format === "drop" ? terms.holdMs : terms.settlement?.payWithinMs) ?? null;
}

/** The event that places orders, numbered on from the auction's last. */
export function ordersPlaced(
  auction: Auction,
  source: OrderSource,
  orders: readonly PlacedOrder[],
  atMs: number,
): EventOf<"orders_placed"> {
  const within = payWithinMs(auction);
  const expiresAtMs = within === null ? null : atMs + within;
  return { type: "orders_placed", first: auction.ordersPlaced + 1, source, orders, expiresAtMs, atMs };
}

/** What the outcome of the bid that placed an order says of it. */
export function detailOf(
  auction: Auction,
  { first, orders, expiresAtMs }: EventOf<"orders_placed">,
): OutcomeDetail {
  const [order] = orders;
  if (order === undefined) throw new InvariantError("a bid placed no order");
  const { quantity, unitPriceMinor: unitPrice } = order;
  const detail: OutcomeDetail = { orderId: orderIdOf(auction.id, first), quantity, unitPrice };
  if (expiresAtMs !== null) detail.expiresAt = expiresAtMs;
  return detail;
}

/** When the next order expires, in ms; null when none does by itself. */
export function nextExpiryMs(auction: Auction): number | null {
  return auction.orders.get(auction.firstPending)?.expiresAtMs ?? null;
}

/** The pending orders that have expired at `atMs`. */
export function expiredOrders(auction: Auction, atMs: number): number[] {
  const numbers: number[] = [];
  for (let number = auction.firstPending; number <= auction.ordersPlaced; number++) {
    const order = orderAt(auction, number);
    if (order.expiresAtMs === null || order.expiresAtMs > atMs) break;
    if (order.status === "pending") numbers.push(number);
  }
  return numbers;
}

export function pendingOrders(auction: Auction): number[] {
  const numbers: number[] = [];
  for (let number = auction.firstPending; number <= auction.ordersPlaced; number++) {
    if (orderAt(auction, number).status === "pending") numbers.push(number);
  }
  return numbers;
}

type OrderFields = Pick<Auction, "orders" | "bidders" | "ordersPlaced" | "firstPending">;

/** The auction's orders and bidders after some were placed. */
export function withPlaced(auction: Auction, event: EventOf<"orders_placed">): OrderFields {
  const { atMs, expiresAtMs, source } = event;
  let { orders, bidders } = auction;
  event.orders.forEach(({ bidderId, quantity, unitPriceMinor }, i) => {
    const number = event.first + i;
    orders = orders.set(number, {
      number,
      bidderId,
      quantity,
      unitPriceMinor,
      source,
      status: "pending",
      createdAtMs: atMs,
      updatedAtMs: atMs,
      expiresAtMs,
    });
    bidders = withUnits(bidders, bidderId, quantity);
    if (source === "bid") bidders = withBidder(bidders, bidderId, { bidAtMs: atMs });
  });
  const ordersPlaced = auction.ordersPlaced + event.orders.length;
  return { orders, bidders, ordersPlaced, firstPending: auction.firstPending };
}

/** The auction's orders and bidders after some were confirmed, released or expired. */
export function withSettled(auction: Auction, event: EventOf<"orders_settled">): OrderFields {
  let { orders, bidders, firstPending } = auction;
  for (const number of event.numbers) {
    const order = orderAt({ orders }, number);
    orders = orders.set(number, { ...order, status: event.status, updatedAtMs: event.atMs });
    if (event.status !== "confirmed") bidders = withUnits(bidders, order.bidderId, -order.quantity);
  }
  while (firstPending <= auction.ordersPlaced && orderAt({ orders }, firstPending).status !== "pending") {
    firstPending++;
  }
  return { orders, bidders, ordersPlaced: auction.ordersPlaced, firstPending };
}

/** Units that the event's orders take. */
export const unitsPlaced = ({ orders }: EventOf<"orders_placed">): number =>
  orders.reduce((sum, { quantity }) => sum + quantity, 0);

/** Units that nobody has any more: those of orders that were not confirmed. */
export function unitsReturned(auction: Auction, { numbers, status }: EventOf<"orders_settled">): number {
  if (status === "confirmed") return 0;
  return numbers.reduce((sum, number) => sum + orderAt(auction, number).quantity, 0);
}

export function orderAt({ orders }: Pick<Auction, "orders">, number: number): OrderState {
  const order = orders.get(number);
  if (order === undefined) throw new InvariantError(`order ${number} is not here`);
  return order;
}

const withUnits = (bidders: Bidders, bidderId: string, quantity: number): Bidders =>
  withBidder(bidders, bidderId, { units: bidderOf(bidders, bidderId).units + quantity });
