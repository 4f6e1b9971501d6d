import * as z from "zod";
import { idempotencyKeySchema, idSchema } from "./ids.ts";

/**
 * Why the log refused a command. Stable: clients branch on it.
 * `idempotency_key_reused`: the key is taken by another body, whose outcome stands.
 * `internal_error`: the command could not be decided; it changed nothing.
 */
export const rejectionReasonSchema = z.enum([
  "auction_not_found",
  "auction_exists",
  "auction_not_started",
  "auction_closed",
  "self_bid",
  "bid_too_low",
  "idempotency_key_reused",
  "ends_in_the_past",
  "internal_error",
]);

/** What happened to one command. A retry with the same key and body gets the first one again, `duplicate` set. */
export const outcomeSchema = z.object({
  kind: z.enum(["bid", "create"]),
  /** Who asked: the bidder of a bid, the seller of a create. */
  actorId: idSchema,
  key: idempotencyKeySchema,
  /** Of bids only. */
  bidId: z.string().optional(),
  outcome: z.enum(["accepted", "rejected"]),
  reason: rejectionReasonSchema.optional(),
  /** With `bid_too_low`: the least that would have been accepted. */
  minimumBid: z.int().optional(),
  /** The position of the deciding envelope in its stream, and the command's place in it. */
  seq: z.int(),
  index: z.int(),
  /** The log's clock, milliseconds since the epoch. */
  at: z.int(),
  /** The auction after this command. */
  version: z.int(),
  price: z.int().nullable(),
  leading: z.boolean().optional(),
  duplicate: z.literal(true).optional(),
});

export type RejectionReason = z.infer<typeof rejectionReasonSchema>;
export type Outcome = z.infer<typeof outcomeSchema>;
