import type { AuctionFormat } from "../../shared/auctions.ts";
import type { BidCommand } from "../../shared/commands.ts";
import type { Auction, Books } from "./auction.ts";
import type { Leader } from "./english.ts";
import type { BookEvent } from "./events.ts";
import type { Rejection } from "./rejection.ts";

/**
 * What a format decides for itself. The aggregate (`decide.ts`) has settled before it is asked that the auction is
 * open at `atMs`, that the bidder may bid, and that the key is new. All functions are pure.
 */
export interface Format<F extends AuctionFormat> {
  initialBook(): Books[F];
  decideBid(auction: Auction, bid: BidCommand, atMs: number): readonly BookEvent[] | Rejection;
  evolve(book: Books[F], event: BookEvent): Books[F];
  /** The least that a bid must offer now, in minor units; null when none can. */
  minimumBid(auction: Auction): number | null;
  /** The leading amount, in minor units; null without one. */
  price(book: Books[F]): number | null;
  leaderId(book: Books[F]): string | null;
  bidCount(book: Books[F]): number;
  leaders(book: Books[F]): readonly Leader[];
  /** Who gets the lot, and at what price, if the auction closed with this book. */
  settle(book: Books[F]): { winnerId: string | null; priceMinor: number | null };
}
