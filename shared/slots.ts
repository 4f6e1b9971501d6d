import { hash } from "node:crypto";

/** Slots of a new cluster. Fixed at creation: changing it would move auctions between subjects. */
export const DEFAULT_SLOTS = 64;

/**
 * The slot of an auction: the first four bytes (big-endian) of SHA-256 over the UTF-8 id, modulo `slots`.
 * Every process of a cluster must compute the same; `slots.test.ts` keeps the test vectors.
 */
export function slotOf(auctionId: string, slots: number): number {
  return Number.parseInt(hash("sha256", auctionId, "hex").slice(0, 8), 16) % slots;
}
