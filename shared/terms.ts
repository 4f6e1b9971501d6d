import * as z from "zod";
import { amountSchema, currencySchema } from "./money.ts";

/** A moment: integer milliseconds since the epoch, or an RFC 3339 string that is read into them. */
const LAST_MS = 8_640_000_000_000_000;
const millisSchema = z.int().min(0, "must not be before 1970").max(LAST_MS);
export const momentSchema = z.union([
  millisSchema,
  z.iso
    .datetime({ offset: true })
    .transform((text) => Date.parse(text))
    .pipe(millisSchema),
]);

/** Text that people wrote, which every store and every terminal can carry. */
export const textSchema = (maxLength: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(maxLength)
    .refine((text) => text.isWellFormed() && !text.includes("\0"), "must be well-formed text without NUL");

/** A year: longer windows are mistakes of a unit. */
const MAX_DURATION_MS = 366 * 86_400_000;
const durationSchema = z.int().min(1, "must be at least 1 ms").max(MAX_DURATION_MS, "must not exceed a year");

/** Tiers of one increment table. A dozen is what the big houses publish; this leaves room. */
const MAX_INCREMENT_TIERS = 32;
/** Units of one auction: beyond a million it is a shop, not a drop. */
const MAX_UNITS = 1_000_000;
/** A Dutch step is an event that every watcher is told: no faster than ten a second … */
const MIN_STEP_MS = 100;
/** … and no more of them than a day of seconds. */
const MAX_STEPS = 86_400;

const unitsSchema = z.int().min(1, "must be at least 1 unit").max(MAX_UNITS, "must not exceed 1000000 units");

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

/** An accepted bid in the last `windowMs` moves the end to at least `extendMs` after it, at most `maxExtensions` times. */
export const softCloseSchema = z.strictObject({
  windowMs: durationSchema,
  extendMs: durationSchema,
  maxExtensions: z.int().min(1).max(10_000).optional(),
});

/** How long a buyer has to pay, and whether the runner-up is offered the lot when the buyer does not. */
const settlementSchema = z.strictObject({
  payWithinMs: durationSchema,
  secondChance: z.boolean().optional(),
});

const listingTerms = {
  title: textSchema(200),
  currency: currencySchema,
  startsAt: momentSchema.optional(),
};

const englishTermsSchema = z.strictObject({
  ...listingTerms,
  endsAt: momentSchema,
  format: z.literal("english"),
  startPrice: amountSchema,
  increment: incrementSchema,
  /** Hidden: watchers learn only whether it is met. */
  reservePrice: amountSchema.optional(),
  buyNowPrice: amountSchema.optional(),
  softClose: softCloseSchema.optional(),
  settlement: settlementSchema.optional(),
});

const dutchTermsSchema = z.strictObject({
  ...listingTerms,
  /** Absent: `graceMs` after the price has reached its floor. */
  endsAt: momentSchema.optional(),
  /** How long the floor price stands; absent: one step. */
  graceMs: durationSchema.optional(),
  format: z.literal("dutch"),
  startPrice: amountSchema,
  floorPrice: amountSchema,
  stepAmount: amountSchema,
  stepMs: durationSchema.min(MIN_STEP_MS, `must be at least ${MIN_STEP_MS} ms`),
  units: unitsSchema.optional(),
  /** Units have no runner-up: what comes back while the clock runs is for sale again. */
  settlement: settlementSchema.omit({ secondChance: true }).optional(),
});

const sealedTermsSchema = z.strictObject({
  ...listingTerms,
  endsAt: momentSchema,
  format: z.literal("sealed"),
  pricing: z.enum(["first", "second"]),
  /** Hidden. */
  reservePrice: amountSchema.optional(),
  settlement: settlementSchema.optional(),
});

const dropTermsSchema = z.strictObject({
  ...listingTerms,
  endsAt: momentSchema,
  format: z.literal("drop"),
  price: amountSchema,
  units: unitsSchema,
  /** Units that one bidder may hold, have bought and wait for together; absent: 1. */
  perBidder: unitsSchema.optional(),
  /** How long a claim is held for its bidder before it expires unpaid; absent: until it is confirmed or released. */
  holdMs: durationSchema.optional(),
});

const formatTermsSchema = z.discriminatedUnion("format", [
  englishTermsSchema,
  dutchTermsSchema,
  sealedTermsSchema,
  dropTermsSchema,
]);

/** The body of `POST /v1/auctions`: the listing and its format's own terms. */
export const createAuctionSchema = formatTermsSchema.superRefine((terms, context) => {
  for (const [field, message] of faultsOf(terms)) {
    context.addIssue({ code: "custom", path: field.split("."), message });
  }
});

export const formatSchema = z.enum(["english", "dutch", "sealed", "drop"]);

export type CreateAuction = z.infer<typeof formatTermsSchema>;
export type AuctionFormat = z.infer<typeof formatSchema>;
export type TermsOf<F extends AuctionFormat> = Extract<CreateAuction, { format: F }>;
export type Increment = z.infer<typeof incrementSchema>;
export type SoftClose = z.infer<typeof softCloseSchema>;

/** What two fields say against each other: the field at fault, and why. What depends on the log's clock, the core refuses. */
function* faultsOf(terms: CreateAuction): Generator<[field: string, message: string]> {
  const { startsAt, endsAt } = terms;
  if (startsAt !== undefined && endsAt !== undefined && startsAt >= endsAt)
    yield ["endsAt", "must be after startsAt"];
  switch (terms.format) {
    case "english":
      return yield* englishFaults(terms);
    case "dutch":
      return yield* dutchFaults(terms);
    case "drop":
      return yield* unitFaults(terms.price, terms.units);
    case "sealed":
      return;
  }
}

function* englishFaults(terms: TermsOf<"english">): Generator<[string, string]> {
  const { startPrice, reservePrice, buyNowPrice, softClose, startsAt, endsAt } = terms;
  if (reservePrice !== undefined && reservePrice < startPrice)
    yield ["reservePrice", "must not be below startPrice"];
  if (buyNowPrice !== undefined && buyNowPrice < Math.max(startPrice, reservePrice ?? 0))
    yield ["buyNowPrice", "must not be below startPrice or reservePrice"];
  if (softClose !== undefined && startsAt !== undefined && softClose.windowMs > endsAt - startsAt)
    yield ["softClose.windowMs", "must not be longer than the auction"];
}

function* dutchFaults(terms: TermsOf<"dutch">): Generator<[string, string]> {
  const { startPrice, floorPrice, stepAmount, stepMs, units = 1, startsAt = 0, endsAt, graceMs } = terms;
  const steps = (startPrice - floorPrice) / stepAmount;
  if (floorPrice > startPrice) yield ["floorPrice", "must not be above startPrice"];
  else if (steps > MAX_STEPS) yield ["stepAmount", `must reach floorPrice in at most ${MAX_STEPS} steps`];
  else if (startsAt + Math.ceil(steps) * stepMs + (graceMs ?? stepMs) > LAST_MS)
    yield ["stepMs", "must reach floorPrice before the end of time"];
  if (endsAt !== undefined && graceMs !== undefined)
    yield ["graceMs", "must not be given together with endsAt"];
  yield* unitFaults(startPrice, units);
}

function* unitFaults(price: number, units: number): Generator<[string, string]> {
  if (price * units > Number.MAX_SAFE_INTEGER)
    yield ["units", "times the price must not exceed 9007199254740991"];
}
