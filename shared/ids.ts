import { hash } from "node:crypto";
import * as z from "zod";

/** What may stand in a NATS subject token. Everything else (`*`, `>`, `.`, NUL, unicode) is refused at the edge and again in the core. */
export const ID_PATTERN = /^[A-Za-z0-9_-]{1,64}$/;

export const idSchema = z.string().regex(ID_PATTERN, "must match ^[A-Za-z0-9_-]{1,64}$");

/**
 * A client's idempotency key: printable ASCII without the separators that the derived ids use.
 * 64 characters hold a UUID, a ULID or a prefixed hash; longer keys would only fatten the log.
 */
export const idempotencyKeySchema = z
  .string()
  .regex(/^[A-Za-z0-9_.:-]{1,64}$/, "must match ^[A-Za-z0-9_.:-]{1,64}$");

/** The same key of the same seller always names the same auction, so a retried create finds its own. */
export function auctionIdFor(sellerId: string, key: string): string {
  return digestId(`auction/${sellerId}/${key}`);
}

/** The same key of the same bidder in the same auction always names the same bid, so a retried bid finds its own. */
export function bidIdFor(auctionId: string, bidderId: string, key: string): string {
  return digestId(`bid/${auctionId}/${bidderId}/${key}`);
}

/** What a seller's, operator's or buyer's command is known by, so that a retry finds its own. */
export function manageIdFor(auctionId: string, actorId: string, key: string): string {
  return digestId(`manage/${auctionId}/${actorId}/${key}`);
}

/** How one bidder appears to the others: stable within an auction, and not to be guessed without its salt. */
export function bidderAliasFor(aliasSalt: string, bidderId: string): string {
  return `b-${digestId(`alias/${aliasSalt}/${bidderId}`).slice(0, 10)}`;
}

/** 132 bits of SHA-256 as 22 URL-safe characters. None of the inputs may contain `/`, so the joined text is unambiguous. */
function digestId(text: string): string {
  return hash("sha256", text, "base64url").slice(0, 22);
}
