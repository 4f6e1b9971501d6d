import * as z from "zod";
import { auctionLiveSchema, auctionViewSchema } from "./auctions.ts";
import { bidBodyFields, checkBidFields } from "./bids.ts";
import { idempotencyKeySchema } from "./ids.ts";
import { outcomeSchema } from "./outcomes.ts";
import { publicEventSchema } from "./results.ts";

/** WebSocket subprotocols: the protocol itself, and the one that carries a bidder's token. */
export const LIVE_PROTOCOL = "lastcall.v1";
export const BEARER_PROTOCOL_PREFIX = "bearer.";

/** A frame larger than this is refused; a bid is a tenth of it. */
export const MAX_FRAME_BYTES = 4_096;

export const clientFrameSchema = z.discriminatedUnion("type", [
  z
    .strictObject({ type: z.literal("bid"), key: idempotencyKeySchema, ...bidBodyFields })
    .superRefine(checkBidFields),
  z.strictObject({ type: z.literal("ping"), t: z.number() }),
]);

export const serverFrameSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("snapshot"), version: z.int(), now: z.int(), auction: auctionViewSchema }),
  z.object({
    type: z.literal("update"),
    /** Covers every version in (from, version]. */
    from: z.int(),
    ...auctionLiveSchema.shape,
    now: z.int(),
    /** One for each version of the range; left out when the range was conflated for a slow watcher. */
    events: z.array(publicEventSchema).optional(),
  }),
  z.object({ type: z.literal("outcome"), ...outcomeSchema.omit({ actorId: true, kind: true }).shape }),
  /** A frame that was refused before it was queued; `key` names the bid when the frame had one. */
  z.object({
    type: z.literal("error"),
    reason: z.string(),
    detail: z.string().optional(),
    key: z.string().optional(),
    queued: z.boolean().optional(),
    retryAfterMs: z.int().optional(),
  }),
  z.object({ type: z.literal("pong"), t: z.number(), now: z.int() }),
]);

export type ClientFrame = z.infer<typeof clientFrameSchema>;
export type ServerFrame = z.infer<typeof serverFrameSchema>;
