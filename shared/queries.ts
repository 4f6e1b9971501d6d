import * as z from "zod";
import { auctionStatusSchema, auctionViewSchema, leaderboardEntrySchema } from "./auctions.ts";
import { idSchema } from "./ids.ts";
import { orderSchema, orderStatusSchema } from "./orders.ts";
import { outcomeSchema } from "./outcomes.ts";
import { publicEventSchema } from "./results.ts";
import { formatSchema } from "./terms.ts";

/** Rows on one page of any list. */
export const MAX_PAGE = 200;
const limitSchema = z.int().min(1).max(MAX_PAGE).default(50);
/** Opaque to clients; the core checks its own. */
const cursorSchema = z.string().max(400).optional();

/** A bid as others may see it. */
export const publicBidSchema = z.object({
  bidId: z.string(),
  bidder: z.string(),
  /** What the bid showed. Null where nothing may be seen: a sealed bid before the close, a refused maximum, a buy-now that was refused. */
  amount: z.int().nullable(),
  /** Of dutch and drop bids: the units that it asked for. */
  quantity: z.int().optional(),
  outcome: z.enum(["accepted", "rejected"]),
  reason: z.string().optional(),
  /** What the engine bid for maxima in answer to it, in order. */
  counterBids: z.array(z.object({ bidder: z.string(), amount: z.int() })).optional(),
  seq: z.int(),
  index: z.int(),
  at: z.int(),
});

/** A bidder's own standing in one auction, with what only they may see. */
export const ownBidSchema = z.object({
  auctionId: idSchema,
  title: z.string(),
  format: formatSchema,
  status: auctionStatusSchema,
  currency: z.string(),
  endsAt: z.int(),
  price: z.int().nullable(),
  /** English and sealed: the bidder's best amount, or maximum; null in the other formats and after a retraction. */
  amount: z.int().nullable(),
  /** English: whether the bidder leads, or has won. */
  leading: z.boolean().optional(),
  /** Drop and dutch: units of live orders; drop: units that are waited for. */
  units: z.int().optional(),
  waiting: z.int().optional(),
  /** The log's clock of the bidder's newest accepted bid. */
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
  /** An auction's orders, newest first, with the buyers' true ids: for its seller and for operators. Null without the auction. */
  orders: {
    request: z.strictObject({
      auctionId: idSchema,
      status: orderStatusSchema.optional(),
      cursor: cursorSchema,
      limit: limitSchema,
    }),
    reply: z
      .object({ sellerId: idSchema, orders: z.array(orderSchema), nextCursor: z.string().optional() })
      .nullable(),
  },
  /** A bidder's own orders over all auctions, newest first. */
  ownOrders: {
    request: z.strictObject({ bidderId: idSchema, cursor: cursorSchema, limit: limitSchema }),
    reply: z.object({ orders: z.array(orderSchema), nextCursor: z.string().optional() }),
  },
  /** The auctions that a bidder has bid on, the latest bid first. */
  ownBids: {
    request: z.strictObject({ bidderId: idSchema, cursor: cursorSchema, limit: limitSchema }),
    reply: z.object({ bids: z.array(ownBidSchema), nextCursor: z.string().optional() }),
  },
  /**
   * A page of the auction's audit: lines of NDJSON, each with its line feed. Without a cursor from the header on; without
   * a next one it ends with the head. Null without the auction.
   */
  audit: {
    request: z.strictObject({ auctionId: idSchema, cursor: cursorSchema }),
    reply: z.object({ text: z.string(), nextCursor: z.string().optional() }).nullable(),
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
export type OwnBid = z.infer<typeof ownBidSchema>;
export type PublicBid = z.infer<typeof publicBidSchema>;

/** How a reply travels: a refused or failed query says why instead of timing out. */
export type QueryAnswer<K extends QueryKind> =
  | { ok: QueryReply<K> }
  | { error: { reason: "invalid_query" | "unavailable"; detail: string } };
