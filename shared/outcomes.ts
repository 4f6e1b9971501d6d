import * as z from "zod";
import { idempotencyKeySchema, idSchema } from "./ids.ts";

/** Why the log refused a command, and what that means. Stable: clients branch on the names. */
export const rejections = {
  auction_not_found: "There is no such auction",
  auction_exists: "The auction exists already",
  auction_not_started: "The auction has not started",
  auction_closed: "The auction is closed",
  auction_cancelled: "The auction was cancelled",
  self_bid: "Sellers cannot bid on their own auctions",
  bidder_blocked: "The bidder is blocked from this auction",
  bid_not_for_format: "A bid of this shape does not fit the auction's format",
  bid_too_low: "The bid is too low",
  maximum_not_raised: "The leader's new maximum is not above the old one",
  buy_now_unavailable: "The auction cannot be bought now",
  price_moved: "The price is above what the bid offers",
  not_enough_units: "There are fewer units left than asked for",
  sold_out: "Every unit is taken",
  limit_reached: "The bidder would have more units than one bidder may have",
  not_permitted: "The actor may not do this to the auction",
  has_bids: "The auction has bids already",
  end_not_in_future: "The new end has passed already",
  no_such_standing_bid: "The bidder has no standing bid",
  not_for_format: "The auction's format does not know this",
  order_not_found: "There is no such order",
  order_not_pending: "The order is settled already",
  order_not_passed_over: "The order still stands, so nobody else can have its place",
  no_runner_up: "There is no other bidder to offer it to",
  ends_in_the_past: "The auction would end in the past",
  soft_close_too_long: "The soft close is longer than the auction",
  idempotency_key_reused: "The idempotency key was used with another body",
  internal_error: "The command could not be decided",
} as const;

export type RejectionReason = keyof typeof rejections;
export const rejectionReasonSchema = z.enum(Object.keys(rejections) as [RejectionReason]);

/** What an outcome says beyond its verdict, where there is something to say. */
export const outcomeDetailSchema = z
  .object({
    /** Of an accepted dutch or drop bid, or a buy-now: the order, its units, the price of one, and when it expires. */
    orderId: z.string(),
    quantity: z.int(),
    unitPrice: z.int(),
    expiresAt: z.int(),
    /** Units that the bidder now waits for, and how many units others wait for before them. */
    waiting: z.int(),
    waitingBefore: z.int(),
    /** With `not_enough_units`: the units that could be had. */
    remaining: z.int(),
    /** With `sold_out`: ask again with `waitlist: true` to get what comes back. */
    waitlist: z.literal(true),
    /** With `limit_reached`: the units that one bidder may have. */
    limit: z.int(),
    /** With `bid_not_for_format`: the field that is missing or too many, as a JSON pointer. */
    field: z.string(),
  })
  .partial();

/** What happened to one command. A retry with the same key and body gets the first one again, `duplicate` set. */
export const outcomeSchema = z.object({
  kind: z.enum(["bid", "create", "manage"]),
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
  /**
   * The head of the auction's audit chain after the deciding envelope: with `seq` and `at` a receipt that the bidder can look
   * for in the auction's audit later. Absent where there is no auction, or one whose chain cannot be shown (rules 1 and 2).
   */
  chain: z.string().optional(),
  /** The auction after this command. */
  version: z.int(),
  price: z.int().nullable(),
  /** Of an accepted english bid: whether its bidder leads after it. */
  leading: z.boolean().optional(),
  duplicate: z.literal(true).optional(),
  ...outcomeDetailSchema.shape,
});

export type OutcomeDetail = z.infer<typeof outcomeDetailSchema>;
export type Outcome = z.infer<typeof outcomeSchema>;
