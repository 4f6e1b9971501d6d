import * as z from "zod";
import { amountSchema } from "./money.ts";

/** Units asked for in one bid. */
const quantitySchema = z.int().min(1, "must be at least 1 unit").max(1_000_000);

/** The fields of a bid's body, over all formats. Which of them a bid may have, its auction's format says. */
export const bidBodyFields = {
  /** English and sealed: the offer. Dutch: the most that the bidder pays for a unit. */
  amount: amountSchema.optional(),
  /** English: the secret limit up to which the engine bids for the bidder, never more than needed to lead. */
  maxAmount: amountSchema.optional(),
  /** English: buys at `buyNowPrice`. */
  buyNow: z.literal(true).optional(),
  /** Dutch and drop; absent: 1. */
  quantity: quantitySchema.optional(),
  /** Dutch and drop: takes what there is when it is less than `quantity`. */
  partial: z.literal(true).optional(),
  /** Drop: what is not there now is taken as it comes back, in order. */
  waitlist: z.literal(true).optional(),
};

export type BidField = keyof typeof bidBodyFields;

/** In the order in which a bid is looked at. */
export const BID_FIELDS = Object.keys(bidBodyFields) as readonly BidField[];

interface BidFields {
  amount?: number | undefined;
  maxAmount?: number | undefined;
  buyNow?: true | undefined;
  quantity?: number | undefined;
  partial?: true | undefined;
  waitlist?: true | undefined;
}

/** What no format allows together. */
export function checkBidFields(
  bid: BidFields,
  context: { addIssue(issue: { code: "custom"; path: string[]; message: string }): void },
): void {
  const refuse = (field: keyof BidFields, message: string): void =>
    context.addIssue({ code: "custom", path: [field], message });
  const { amount, maxAmount, buyNow, quantity, partial, waitlist } = bid;
  const units = quantity !== undefined || partial !== undefined || waitlist !== undefined;
  if (buyNow && (amount !== undefined || maxAmount !== undefined || units))
    refuse("buyNow", "must stand alone");
  if (maxAmount !== undefined && units) refuse("maxAmount", "is for bids on one thing");
  if (maxAmount !== undefined && amount !== undefined && maxAmount < amount)
    refuse("maxAmount", "must not be below amount");
  if (waitlist && amount !== undefined) refuse("waitlist", "is for drops, which have a fixed price");
}

/** The body of a bid, which is its canonical form: the same key with another one is refused. */
export const bidBodySchema = z.strictObject(bidBodyFields).superRefine(checkBidFields);

export type BidBody = z.infer<typeof bidBodySchema>;
