import type { Sale } from "./english.ts";
import {
  type Bid,
  happen,
  type Move,
  type NaiveAuction,
  notForFormat,
  standingBids,
  type TermsOf,
  type Verdict,
} from "./state.ts";

type Sealed = TermsOf<"sealed">;

export function bidSealed(auction: NaiveAuction, { bidderId, body }: Bid, at: number): Verdict {
  for (const field of ["maxAmount", "buyNow", "quantity", "partial", "waitlist"] as const)
    if (body[field] !== undefined) return notForFormat(field);
  if (body.amount === undefined) return notForFormat("amount");
  auction.moves.push({ type: "bid", bidderId, at, amount: body.amount });
  happen(auction, { type: "sealed_bid", at, bidderId, figure: body.amount });
  return {};
}

interface SealedBid {
  readonly bidderId: string;
  readonly amount: number;
  readonly at: number;
}

/** "One bid a bidder; a further one replaces it and takes a new place in time." The best first, "of equal ones the earlier". */
export function sealedBids(moves: readonly Move[]): SealedBid[] {
  const bids = standingBids(moves);
  return bids
    .filter((bid, place) => !bids.slice(place + 1).some((later) => later.bidderId === bid.bidderId))
    .map(({ bidderId, amount = 0, at }) => ({ bidderId, amount, at }))
    .sort((a, b) => b.amount - a.amount);
}

/** Who wins among the bidders that are not left out, and what they pay. */
export function sealedSale(
  { pricing, reservePrice }: Sealed,
  moves: readonly Move[],
  leftOut: (bidderId: string) => boolean,
): Sale | null {
  const [best, second] = sealedBids(moves).filter(({ bidderId }) => !leftOut(bidderId));
  // "Below the reserve nobody."
  if (best === undefined || best.amount < (reservePrice ?? 0)) return null;
  // "The winner pays the own bid"; or "the second highest bid, at least the reserve; a lone bidder pays the reserve, and
  // without one the least there is, 1".
  const unitPrice = pricing === "first" ? best.amount : Math.max(second?.amount ?? 1, reservePrice ?? 1);
  return { bidderId: best.bidderId, unitPrice };
}
