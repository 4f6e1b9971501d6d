import type { OrderState } from "../auction/order.ts";
import type { orders } from "./schema.ts";

/** An order as the rules know it, from its row. */
export function orderOf(row: Omit<typeof orders.$inferSelect, "auctionId" | "slot">): OrderState {
  const { number, bidderId, quantity, source, status } = row;
  return {
    number,
    bidderId,
    quantity,
    unitPriceMinor: row.unitPrice,
    source,
    status,
    createdAtMs: row.createdAt,
    updatedAtMs: row.updatedAt,
    expiresAtMs: row.expiresAt,
  };
}
