import { createHash } from "node:crypto";
import type { BidCommand } from "../../shared/commands.ts";

/** Terms of every auction that a benchmark opens. */
export const START_PRICE_MINOR = 10_000;
export const INCREMENT_MINOR = 100;

/**
 * A hot auction as the log sees it: thousands of bidders around the current price, most of them a moment too late.
 * A quarter of the bids raise the price by one to three increments; the others offer what the price was a few steps
 * ago and are rejected as too low. Every bid has its own key, as long as a UUID.
 */
const ACCEPTED_SHARE = 0.25;
const BIDDERS = 5_000;
const MOST_STEPS_UP = 3;
const MOST_STEPS_BEHIND = 6;

export interface HotAuctionMix {
  /** The next bids of this auction, in order. */
  take(count: number): BidCommand[];
}

/** The same seed gives the same bids, so that two runs drain the same log. */
export function hotAuctionMix(seed: string): HotAuctionMix {
  const random = seededRandom(seed);
  const keyPrefix = createHash("sha256").update(seed).digest("hex").slice(0, 24);
  let priceMinor = START_PRICE_MINOR - INCREMENT_MINOR;
  let made = 0;

  function nextAmount(): number {
    if (made === 0 || random() < ACCEPTED_SHARE) {
      priceMinor += INCREMENT_MINOR * (1 + Math.floor(random() * MOST_STEPS_UP));
      return priceMinor;
    }
    return Math.max(1, priceMinor - INCREMENT_MINOR * Math.floor(random() * MOST_STEPS_BEHIND));
  }

  function nextBid(): BidCommand {
    const amount = nextAmount();
    const bidderId = `bidder-${Math.floor(random() * BIDDERS)}`;
    const key = `${keyPrefix}${(made++).toString(16).padStart(12, "0")}`;
    return { type: "bid", bidderId, key, body: { amount } };
  }

  return { take: (count) => Array.from({ length: count }, nextBid) };
}

/**
 * The amounts that live bidders send: they watch the price, so four of five offer a new one and the fifth the same as
 * the bid before, which then is too low. The order in which the log takes them decides the rest.
 */
export interface BidLadder {
  nextAmount(): number;
}

const BIDS_PER_TIE = 5;

export function bidLadder(): BidLadder {
  let made = 0;
  let amountMinor = START_PRICE_MINOR - INCREMENT_MINOR;
  return {
    nextAmount() {
      if (made++ % BIDS_PER_TIE !== BIDS_PER_TIE - 1) amountMinor += INCREMENT_MINOR;
      return amountMinor;
    },
  };
}

/** Mulberry32: small and fast, and good enough to mix bids. */
export function seededRandom(seed: string): () => number {
  let state = createHash("sha256").update(seed).digest().readUInt32BE(0);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
