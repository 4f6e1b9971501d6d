import * as z from "zod";
import { auctionViewSchema, leaderboardEntrySchema } from "../../shared/auctions.ts";
import { idempotencyKeySchema, idSchema } from "../../shared/ids.ts";
import { outcomeSchema } from "../../shared/outcomes.ts";
import { queries } from "../../shared/queries.ts";

/** What the edge answers over HTTP, made of the contracts. The routes' tests hold every answer against these. */

export const bidOutcomeSchema = outcomeSchema.omit({ actorId: true, kind: true });

export const managedOutcomeSchema = outcomeSchema
  .omit({ actorId: true, kind: true, bidId: true, minimumBid: true, leading: true })
  .extend({ auction: auctionViewSchema.optional() });

const pendingSchema = z.object({ outcome: z.literal("pending"), seq: z.int() });

export const pendingBidSchema = pendingSchema.extend({ bidId: z.string() });
export const pendingCommandSchema = pendingSchema.extend({ key: idempotencyKeySchema });
export const pendingAuctionSchema = pendingSchema.extend({ id: idSchema });

export const decidedBidSchema = outcomeSchema
  .omit({ actorId: true, kind: true, key: true, leading: true, bidId: true })
  .extend({ bidId: z.string(), bidder: z.string().nullable() });
export const undecidedBidSchema = pendingBidSchema.extend({ version: z.int() });

/** A bid by its id: decided, or still on its way. */
export const bidStatusSchema = z.union([decidedBidSchema, undecidedBidSchema]);

export const leaderboardSchema = z.object({
  auctionId: idSchema,
  version: z.int(),
  leaderboard: z.array(leaderboardEntrySchema),
});

export const auctionPageSchema = queries.auctions.reply;
export const bidPageSchema = queries.bids.reply.unwrap();
export const orderPageSchema = queries.ownOrders.reply;
export const ownBidPageSchema = queries.ownBids.reply;

export const healthSchema = z.object({
  status: z.literal("ok"),
  counters: z.record(z.string(), z.int()),
});
