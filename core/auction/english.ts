import { LEADERBOARD_SIZE } from "../../shared/auctions.ts";
import type { BidBody } from "../../shared/commands.ts";
import type { Format } from "./format.ts";
import { nextBidAbove } from "./increment.ts";
import { rejected } from "./rejection.ts";

export interface Leader {
  readonly bidderId: string;
  readonly amountMinor: number;
  readonly atMs: number;
}

/** An ascending auction's book: the accepted amounts only rise, so the newest accepted bid leads. */
export interface EnglishBook {
  readonly bidCount: number;
  /** Each bidder's best, highest first; only so many, so that the state stays O(1). */
  readonly leaders: readonly Leader[];
}

/**
 * The open ascending auction: the first bid offers at least the start price, each further one at least the price
 * plus the increment of its tier; the highest at the end wins and pays the own bid. An amount between two steps counts as
 * it is (as at the auction houses that sell online: the increment is the least raise, not a grid).
 */
export const english: Format<"english"> = {
  initialBook: () => ({ bidCount: 0, leaders: [] }),

  decideBid(auction, bid, atMs) {
    const minimum = english.minimumBid(auction);
    const { amount }: BidBody = bid.body;
    if (minimum === null || amount < minimum) return rejected("bid_too_low", minimum ?? undefined);
    return [{ type: "bid_accepted", bidderId: bid.bidderId, amountMinor: amount, atMs }];
  },

  evolve(book, event) {
    const leader: Leader = { bidderId: event.bidderId, amountMinor: event.amountMinor, atMs: event.atMs };
    return { bidCount: book.bidCount + 1, leaders: leadersWith(book.leaders, leader) };
  },

  minimumBid({ terms, book }) {
    const price = book.leaders[0]?.amountMinor;
    return price === undefined ? terms.startPrice : nextBidAbove(terms.increment, price);
  },

  price: (book) => book.leaders[0]?.amountMinor ?? null,
  leaderId: (book) => book.leaders[0]?.bidderId ?? null,
  bidCount: (book) => book.bidCount,
  leaders: (book) => book.leaders,

  settle(book) {
    const winner = book.leaders[0];
    return { winnerId: winner?.bidderId ?? null, priceMinor: winner?.amountMinor ?? null };
  },
};

function leadersWith(leaders: readonly Leader[], leader: Leader): readonly Leader[] {
  const next = [leader];
  for (const other of leaders) {
    if (next.length === LEADERBOARD_SIZE) break;
    if (other.bidderId !== leader.bidderId) next.push(other);
  }
  return next;
}
