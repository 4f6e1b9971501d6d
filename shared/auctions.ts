import * as z from "zod";
import { idSchema } from "./ids.ts";
import { amountSchema } from "./money.ts";
import { incrementSchema, softCloseSchema } from "./terms.ts";

/** `closed`: it ended by its rules, sold or not. `cancelled`: somebody called it off; nobody has won. */
export const auctionStatusSchema = z.enum(["scheduled", "open", "closed", "cancelled"]);

/** The part of an auction that changes while it runs; every field of it is safe for everybody's eyes. */
export const auctionLiveSchema = z.object({
  status: auctionStatusSchema,
  /** Events so far; gapless. */
  version: z.int().min(1),
  /** Milliseconds since the epoch, by the log's clock. */
  endsAt: z.int(),
  /**
   * English: the leading amount, or null before the first bid. Dutch: what a unit costs now. Drop: what a unit costs.
   * Sealed: null until the close. Once closed: what the winner pays, if there is one.
   */
  price: amountSchema.nullable(),
  /** The least that an accepted bid must offer now; null where nothing can be bid (any more), or no amount is asked. */
  minimumBid: amountSchema.nullable(),
  /** Accepted bids so far; automatic counter-bids are not counted. */
  bidCount: z.int().min(0),
  /** Alias of the leading bidder (the winner once closed), or null. */
  leader: z.string().nullable(),
  /** English with a reserve: whether the price has met it. */
  reserveMet: z.boolean().optional(),
  /** English with a buy-now price: whether it can still be had. */
  buyNowAvailable: z.boolean().optional(),
  /** Dutch and drop: units that nobody has. */
  remaining: z.int().min(0).optional(),
  /** Drop: units that bidders wait for. */
  waiting: z.int().min(0).optional(),
  /** Dutch: when the price falls next; null at the floor. */
  nextPriceAt: z.int().nullable().optional(),
});

const listing = {
  id: idSchema,
  title: z.string(),
  currency: z.string(),
  /** Decimal digits of the currency's minor unit, in which all amounts are counted: 2 for EUR, 0 for JPY. */
  minorUnitDigits: z.int().min(0).max(4),
  sellerId: idSchema,
  createdAt: z.int(),
  startsAt: z.int(),
};

/** An auction as anyone may see it: the listing, its format's own terms without their secrets, and what changes. */
export const auctionViewSchema = z.discriminatedUnion("format", [
  z.object({
    ...listing,
    format: z.literal("english"),
    startPrice: amountSchema,
    increment: incrementSchema,
    buyNowPrice: amountSchema.optional(),
    softClose: softCloseSchema.optional(),
    ...auctionLiveSchema.shape,
  }),
  z.object({
    ...listing,
    format: z.literal("dutch"),
    startPrice: amountSchema,
    floorPrice: amountSchema,
    stepAmount: amountSchema,
    stepMs: z.int(),
    units: z.int(),
    ...auctionLiveSchema.shape,
  }),
  z.object({
    ...listing,
    format: z.literal("sealed"),
    pricing: z.enum(["first", "second"]),
    ...auctionLiveSchema.shape,
  }),
  z.object({
    ...listing,
    format: z.literal("drop"),
    units: z.int(),
    perBidder: z.int(),
    holdMs: z.int().optional(),
    ...auctionLiveSchema.shape,
  }),
]);

/** Lines of a leaderboard: as many as a page shows. */
export const LEADERBOARD_SIZE = 20;

/** One line of a leaderboard: a bidder's best amount that everybody may see. Sealed auctions have none before the close. */
export const leaderboardEntrySchema = z.object({ bidder: z.string(), amount: amountSchema, at: z.int() });

export type AuctionStatus = z.infer<typeof auctionStatusSchema>;
export type AuctionLive = z.infer<typeof auctionLiveSchema>;
export type AuctionView = z.infer<typeof auctionViewSchema>;
export type LeaderboardEntry = z.infer<typeof leaderboardEntrySchema>;
