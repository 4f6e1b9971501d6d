import * as z from "zod";
import { auctionStatusSchema, auctionViewSchema, formatSchema, leaderboardEntrySchema } from "./auctions.ts";
import { idSchema } from "./ids.ts";
import { outcomeSchema } from "./outcomes.ts";
import { publicEventSchema } from "./results.ts";

/** Rows on one page of any list. */
export const MAX_PAGE = 200;
const limitSchema = z.int().min(1).max(MAX_PAGE).default(50);
/** Opaque to clients; the core checks its own. */
const cursorSchema = z.string().max(400).optional();

/** A bid as others may see it. */
export const publicBidSchema = z.object({
  bidId: z.string(),
  bidder: z.string(),
  amount: z.int(),
  outcome: z.enum(["accepted", "rejected"]),
  reason: z.string().optional(),
  seq: z.int(),
  index: z.int(),
  at: z.int(),
});

/** Requests from the edge to the core over NATS on `queries.<kind>`: JSON in, `{ ok }` or `{ error }` out. */
export const queries = {
  /** The auction, or null. With `minVersion` the core waits up to a second for that version. */
  auction: {
    request: z.strictObject({ auctionId: idSchema, minVersion: z.int().min(0).optional() }),
    reply: z.object({ auction: auctionViewSchema, leaderboard: z.array(leaderboardEntrySchema) }).nullable(),
  },
  auctions: {
    request: z.strictObject({
      status: auctionStatusSchema.optional(),
      format: formatSchema.optional(),
      sort: z.enum(["ending", "newest"]).default("ending"),
      cursor: cursorSchema,
      limit: limitSchema,
    }),
    reply: z.object({ auctions: z.array(auctionViewSchema), nextCursor: z.string().optional() }),
  },
  /** Newest first. Null when there is no such auction. */
  bids: {
    request: z.strictObject({ auctionId: idSchema, cursor: cursorSchema, limit: limitSchema }),
    reply: z
      .object({ bids: z.array(publicBidSchema), version: z.int(), nextCursor: z.string().optional() })
      .nullable(),
  },
  /** The outcome of one bid; `undecided` when the log has it no further than `version`; null without the auction. */
  bid: {
    request: z.strictObject({ auctionId: idSchema, bidId: z.string().max(64) }),
    reply: z
      .object({ outcome: outcomeSchema.nullable(), bidder: z.string().nullable(), version: z.int() })
      .nullable(),
  },
  /** The public events in (since, to], oldest first, at most `limit` of them. */
  changes: {
    request: z.strictObject({
      auctionId: idSchema,
      since: z.int().min(0),
      limit: z.int().min(1).max(1_000).default(1_000),
    }),
    reply: z.object({ auction: auctionViewSchema, events: z.array(publicEventSchema) }).nullable(),
  },
} as const;

export type QueryKind = keyof typeof queries;
export type QueryRequest<K extends QueryKind> = z.infer<(typeof queries)[K]["request"]>;
export type QueryReply<K extends QueryKind> = z.infer<(typeof queries)[K]["reply"]>;
export type PublicBid = z.infer<typeof publicBidSchema>;

/** How a reply travels: a refused or failed query says why instead of timing out. */
export type QueryAnswer<K extends QueryKind> =
  | { ok: QueryReply<K> }
  | { error: { reason: "invalid_query" | "unavailable"; detail: string } };
