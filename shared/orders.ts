import * as z from "zod";
import { idSchema } from "./ids.ts";
import { WIRE_VERSION } from "./wire-version.ts";

/** `pending` until it is paid (`confirmed`), given up (`released`) or overdue (`expired`); these three are final. */
export const orderStatusSchema = z.enum(["pending", "confirmed", "released", "expired"]);

/** What brought an order about. */
export const orderSourceSchema = z.enum(["close", "buy_now", "bid", "waitlist", "second_chance"]);

/** An order as its buyer, the seller and operators see it. */
export const orderSchema = z.object({
  orderId: z.string(),
  auctionId: idSchema,
  bidderId: idSchema,
  status: orderStatusSchema,
  source: orderSourceSchema,
  quantity: z.int().min(1),
  /** Minor units for one, and for all of them. */
  unitPrice: z.int().min(1),
  amount: z.int().min(1),
  currency: z.string(),
  createdAt: z.int(),
  updatedAt: z.int(),
  /** When it expires unpaid; null: it does not by itself. */
  expiresAt: z.int().nullable(),
});

/**
 * What other systems hear of an order, on `orders.<slot>.<auctionId>`: at least once, in order within an auction. `id` names
 * the change for ever (`<orderId>.<status>`), so that a receiver can drop what it has seen.
 */
export const orderEventSchema = z.object({
  v: z.int().min(1).max(WIRE_VERSION),
  id: z.string(),
  type: z.enum(["order.pending", "order.confirmed", "order.released", "order.expired"]),
  sellerId: idSchema,
  /** The log's clock of the change, and the deciding envelope's sequence. */
  at: z.int(),
  seq: z.int(),
  order: orderSchema,
});

export const orderIdOf = (auctionId: string, number: number): string => `${auctionId}-${number}`;

/** The number of an order of that auction; undefined for an order of another one. */
export function orderNumberOf(auctionId: string, orderId: string): number | undefined {
  const prefix = `${auctionId}-`;
  if (!orderId.startsWith(prefix)) return undefined;
  const digits = orderId.slice(prefix.length);
  return /^[1-9][0-9]{0,8}$/.test(digits) ? Number(digits) : undefined;
}

export type OrderStatus = z.infer<typeof orderStatusSchema>;
export type OrderSource = z.infer<typeof orderSourceSchema>;
export type Order = z.infer<typeof orderSchema>;
export type OrderEvent = z.infer<typeof orderEventSchema>;
