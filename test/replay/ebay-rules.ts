import type { EbayAuction } from "./ebay-bids.ts";

/** eBay's increments in the years of the data, in cents by current price. */
export const EBAY_INCREMENTS = [
  { from: 0, step: 5 },
  { from: 100, step: 25 },
  { from: 500, step: 50 },
  { from: 2_500, step: 100 },
  { from: 10_000, step: 250 },
  { from: 25_000, step: 500 },
  { from: 50_000, step: 1_000 },
  { from: 100_000, step: 2_500 },
  { from: 250_000, step: 5_000 },
  { from: 500_000, step: 10_000 },
];

/** How an auction went: what it stood at after each of its bids, and who was ahead at the end. */
export interface Course {
  readonly steps: readonly Step[];
  readonly winner: string | null;
}

export interface Step {
  readonly accepted: boolean;
  /** Null before the first accepted bid. */
  readonly priceCents: number | null;
}

/**
 * The rules as the data's README tells them, and nothing of ours: what the engine is compared with. A new leader pays
 * the lesser of the own maximum and the old leader's plus one increment; a bid below the price plus one increment is
 * refused, unless it raises the leader's own maximum; a losing bid lifts the price to the lesser of the leader's
 * maximum and that bid plus one increment.
 */
export function naiveCourse({ openCents, bids }: Pick<EbayAuction, "openCents" | "bids">): Course {
  let leader: { bidder: string; maxCents: number } | null = null;
  let priceCents: number | null = null;
  const steps: Step[] = [];
  for (const { bidder, maxCents } of bids) {
    let accepted = true;
    if (leader === null || priceCents === null) {
      accepted = maxCents >= openCents;
      if (accepted) [leader, priceCents] = [{ bidder, maxCents }, openCents];
    } else if (bidder === leader.bidder) {
      accepted = maxCents > leader.maxCents;
      if (accepted) leader = { bidder, maxCents };
    } else if (maxCents < priceCents + step(priceCents)) {
      accepted = false;
    } else if (maxCents > leader.maxCents) {
      priceCents = Math.min(maxCents, leader.maxCents + step(leader.maxCents));
      leader = { bidder, maxCents };
    } else {
      priceCents = Math.min(leader.maxCents, maxCents + step(maxCents));
    }
    steps.push({ accepted, priceCents });
  }
  return { steps, winner: leader?.bidder ?? null };
}

const step = (priceCents: number): number =>
  EBAY_INCREMENTS.findLast(({ from }) => from <= priceCents)?.step ?? 0;
