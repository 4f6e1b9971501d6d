import type { EbayAuction } from "./ebay-bids.ts";
import { type Course, naiveCourse } from "./ebay-rules.ts";

/** What became of one of eBay's auctions when its bids were made again. */
export interface Verdict {
  readonly auction: string;
  readonly item: string;
  readonly bids: number;
  readonly oursCents: number | null;
  readonly ebayCents: number;
  readonly naiveCents: number | null;
  /** Where the engine and the naive model part; undefined when they agree in every bid, the price and the winner. */
  readonly parting?: string;
  /** Why eBay closed at something else, as far as the data tells; undefined when it did not. */
  readonly why?: string;
}

/** Below it an engine does not follow eBay's rules: what the naive model reaches (the data's README). */
export const LEAST_AT_EBAYS_PRICE = 261;

export function verdictOn(auction: EbayAuction, ours: Course): Verdict {
  const naive = naiveCourse(auction);
  const oursCents = priceOf(ours);
  const parting = partingOf(ours, naive);
  const why = oursCents === auction.closeCents ? undefined : whyOf(auction, oursCents);
  return {
    auction: auction.id,
    item: auction.item,
    bids: auction.bids.length,
    oursCents,
    ebayCents: auction.closeCents,
    naiveCents: priceOf(naive),
    ...(parting === undefined ? {} : { parting }),
    ...(why === undefined ? {} : { why }),
  };
}

export interface Summary {
  readonly auctions: number;
  readonly atEbaysPrice: number;
  readonly unlikeNaive: number;
  readonly passed: boolean;
}

export function summaryOf(verdicts: readonly Verdict[]): Summary {
  const atEbaysPrice = verdicts.filter(({ oursCents, ebayCents }) => oursCents === ebayCents).length;
  const unlikeNaive = verdicts.filter(({ parting }) => parting !== undefined).length;
  const passed = atEbaysPrice >= LEAST_AT_EBAYS_PRICE && unlikeNaive === 0;
  return { auctions: verdicts.length, atEbaysPrice, unlikeNaive, passed };
}

/** What it stood at in the end. */
const priceOf = ({ steps }: Course): number | null => steps.at(-1)?.priceCents ?? null;

function partingOf(ours: Course, naive: Course): string | undefined {
  for (const [i, expected] of naive.steps.entries()) {
    const step = ours.steps[i];
    if (step?.accepted !== expected.accepted)
      return `bid ${i + 1} should be ${expected.accepted ? "accepted" : "refused"}`;
    if (step.priceCents !== expected.priceCents) return `bid ${i + 1} should lead to ${expected.priceCents}`;
  }
  return ours.winner === naive.winner ? undefined : `${naive.winner} should win, not ${ours.winner}`;
}

/** The data has neither reserve prices nor retractions; what is left of them is where eBay closed between the bids. */
function whyOf({ closeCents, bids }: EbayAuction, oursCents: number | null): string {
  const highest = Math.max(...bids.map(({ maxCents }) => maxCents));
  if (oursCents === null) return "eBay sold it, and no bid of the data reaches the start price";
  if (closeCents < oursCents) return "below what the bids lead to: a bid was retracted";
  if (closeCents < highest)
    return "above what the bids lead to, below the winner's maximum: a reserve was met";
  if (closeCents === highest)
    return "all of the winner's maximum, as below a reserve (neither it nor every bid is in the data)";
  return "above every maximum of the data: a bid is missing";
}
