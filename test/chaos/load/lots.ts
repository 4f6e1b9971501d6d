import type { BidBody } from "../../../shared/bids.ts";
import type { CreateAuction } from "../../../shared/terms.ts";
import type { Random } from "../random.ts";
import type { Knowledge } from "./knowledge.ts";

/** What is sold in a room, and how its bidders bid. */
export interface Lot {
  readonly name: string;
  terms(random: Random, lifeMs: number): CreateAuction;
  bid(random: Random, knowledge: Knowledge): BidBody;
}

const START_PRICE = 1_000;
const STEP = 100;
/** Beyond so many accepted bids most offers stay below the price: the checker's model is slow on long stories. */
const LONG_STORY = 300;

const listing = (lifeMs: number) => ({ title: "A lot", currency: "EUR", endsAt: Date.now() + lifeMs });

/** What the next bid must reach, or less: bidders know the price late, and some do not care. */
function offer(random: Random, { minimumBid, bidCount }: Knowledge): number {
  const least = minimumBid ?? START_PRICE;
  const tooLow = random.chance(bidCount > LONG_STORY ? 0.9 : 0.15);
  if (tooLow) return Math.max(1, least - random.int(1, STEP));
  return least + random.int(0, 3) * STEP;
}

const plain: Lot = {
  name: "english",
  terms: (random, lifeMs) => ({
    format: "english",
    ...listing(lifeMs),
    startPrice: START_PRICE,
    increment: random.chance(0.5)
      ? STEP
      : [
          { from: 0, step: STEP },
          { from: 20_000, step: 5 * STEP },
        ],
  }),
  bid: (random, knowledge) => ({ amount: offer(random, knowledge) }),
};

/** Ends soon, and again and again a little later: it closes while bids are underway. */
const softClose: Lot = {
  name: "soft-close",
  terms: (random, lifeMs) => ({
    format: "english",
    ...listing(Math.round(lifeMs / 3)),
    startPrice: START_PRICE,
    increment: STEP,
    softClose: { windowMs: 500, extendMs: 400, maxExtensions: random.int(3, 20) },
    settlement: { payWithinMs: 3_000, secondChance: true },
  }),
  bid: (random, knowledge) => ({ amount: offer(random, knowledge) }),
};

const proxy: Lot = {
  name: "proxy",
  terms: (random, lifeMs) => ({
    format: "english",
    ...listing(lifeMs),
    startPrice: START_PRICE,
    increment: STEP,
    ...(random.chance(0.5) ? { reservePrice: 50 * STEP } : {}),
    ...(random.chance(0.3) ? { buyNowPrice: 5_000 * STEP } : {}),
    softClose: { windowMs: 1_000, extendMs: 500, maxExtensions: 5 },
  }),
  bid(random, knowledge) {
    const amount = offer(random, knowledge);
    const maxAmount = amount + random.int(0, 20) * STEP;
    const shape = random.next();
    if (shape < 0.005) return { buyNow: true };
    if (shape < 0.5) return { maxAmount };
    return shape < 0.75 ? { amount, maxAmount } : { amount };
  },
};

const dutch: Lot = {
  name: "dutch",
  terms: (random, lifeMs) => ({
    format: "dutch",
    title: "A lot",
    currency: "EUR",
    startPrice: 10_000,
    floorPrice: 2_000,
    stepAmount: 500,
    // Sixteen steps and a grace fill its life.
    stepMs: Math.max(100, Math.round(lifeMs / 17)),
    units: random.int(10, 60),
    settlement: { payWithinMs: 2_000 },
  }),
  bid(random, { price }) {
    const quantity = random.int(1, 3);
    const reaches = random.chance(0.05);
    const amount = reaches ? (price ?? 10_000) : Math.max(1, (price ?? 10_000) - random.int(1, 3_000));
    return { amount, quantity, ...(random.chance(0.3) ? { partial: true as const } : {}) };
  },
};

const sealed: Lot = {
  name: "sealed",
  terms: (random, lifeMs) => ({
    format: "sealed",
    ...listing(lifeMs),
    pricing: random.pick(["first", "second"] as const),
    ...(random.chance(0.5) ? { reservePrice: 40_000 } : {}),
    settlement: { payWithinMs: 3_000, secondChance: true },
  }),
  bid: (random) => ({ amount: random.int(1, 100_000) }),
};

/** Far more demand than units; what is given up or not paid in time goes to the waitlist. */
const drop: Lot = {
  name: "drop",
  terms: (random, lifeMs) => ({
    format: "drop",
    ...listing(lifeMs),
    price: 2_500,
    units: random.int(5, 25),
    perBidder: random.int(1, 6),
    holdMs: random.int(1_000, 4_000),
  }),
  bid: (random) => ({
    quantity: random.int(1, 3),
    ...(random.chance(0.3) ? { waitlist: true as const } : {}),
    ...(random.chance(0.3) ? { partial: true as const } : {}),
  }),
};

/** Without holds: a rush on more units than the room has bidders, each of whom may have few. */
const rush: Lot = {
  name: "rush",
  terms: (random, lifeMs) => ({
    format: "drop",
    ...listing(lifeMs),
    price: 2_500,
    units: random.int(20, 40),
    perBidder: random.int(3, 8),
  }),
  bid: (random) => ({ quantity: random.int(1, 2) }),
};

/** One room in turn for each; english has more, since most auctions are. */
export const LOTS: readonly Lot[] = [plain, softClose, drop, proxy, dutch, softClose, sealed, rush];
