import * as z from "zod";
import { idSchema } from "./ids.ts";
import { amountSchema, currencySchema } from "./money.ts";

/** A moment: integer milliseconds since the epoch, or an RFC 3339 string that is read into them. */
const millisSchema = z.int().min(0, "must not be before 1970").max(8_640_000_000_000_000);
const momentSchema = z.union([
  millisSchema,
  z.iso
    .datetime({ offset: true })
    .transform((text) => Date.parse(text))
    .pipe(millisSchema),
]);

/** Tiers of one increment table. A dozen is what the big houses publish; this leaves room. */
const MAX_INCREMENT_TIERS = 32;

const incrementTierSchema = z.strictObject({
  from: z.int().min(0).max(Number.MAX_SAFE_INTEGER),
  step: amountSchema,
});

/** One step for every price, or tiers: the step of the highest tier whose `from` is at or below the price. */
export const incrementSchema = z.union([
  amountSchema,
  z
    .array(incrementTierSchema)
    .min(1)
    .max(MAX_INCREMENT_TIERS)
    .refine(
      (tiers) =>
        tiers[0]?.from === 0 && tiers.every((tier, i) => i === 0 || tier.from > (tiers[i - 1]?.from ?? 0)),
      "tiers must start at 0 and rise",
    ),
]);

const listingTerms = {
  title: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .refine((text) => text.isWellFormed() && !text.includes("\0"), "must be well-formed text without NUL"),
  currency: currencySchema,
  startsAt: momentSchema.optional(),
  endsAt: momentSchema,
};

const englishTermsSchema = z.strictObject({
  ...listingTerms,
  format: z.literal("english"),
  startPrice: amountSchema,
  increment: incrementSchema,
});

/** The body of `POST /v1/auctions`: the listing and its format's own terms. */
export const createAuctionSchema = z
  .discriminatedUnion("format", [englishTermsSchema])
  .refine((terms) => terms.startsAt === undefined || terms.startsAt < terms.endsAt, {
    path: ["endsAt"],
    message: "must be after startsAt",
  });

export const formatSchema = z.enum(["english"]);
export const auctionStatusSchema = z.enum(["scheduled", "open", "closed"]);

/** The part of an auction that changes while it runs; every field of it is safe for everybody's eyes. */
export const auctionLiveSchema = z.object({
  status: auctionStatusSchema,
  /** Events so far; gapless. */
  version: z.int().min(1),
  /** Milliseconds since the epoch, by the log's clock. */
  endsAt: z.int(),
  /** The leading amount, or null before the first bid. */
  price: amountSchema.nullable(),
  /** The least that an accepted bid must offer now; null once nothing can be bid any more. */
  minimumBid: amountSchema.nullable(),
  bidCount: z.int().min(0),
  /** Alias of the leading bidder (the winner once closed), or null. */
  leader: z.string().nullable(),
});

/** An auction as anyone may see it. */
export const auctionViewSchema = z.object({
  id: idSchema,
  title: z.string(),
  format: formatSchema,
  currency: z.string(),
  sellerId: idSchema,
  createdAt: z.int(),
  startsAt: z.int(),
  startPrice: amountSchema,
  increment: incrementSchema,
  ...auctionLiveSchema.shape,
});

/** Lines of a leaderboard: as many as a page shows. */
export const LEADERBOARD_SIZE = 20;

/** One line of a leaderboard: a bidder's best accepted amount. */
export const leaderboardEntrySchema = z.object({ bidder: z.string(), amount: amountSchema, at: z.int() });

export type CreateAuction = z.infer<typeof createAuctionSchema>;
export type Increment = z.infer<typeof incrementSchema>;
export type AuctionFormat = z.infer<typeof formatSchema>;
export type AuctionStatus = z.infer<typeof auctionStatusSchema>;
export type AuctionLive = z.infer<typeof auctionLiveSchema>;
export type AuctionView = z.infer<typeof auctionViewSchema>;
export type LeaderboardEntry = z.infer<typeof leaderboardEntrySchema>;
