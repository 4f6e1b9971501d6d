import type { AuctionStatus } from "../../shared/auctions.ts";
import type { AuctionFormat, CreateAuction, TermsOf } from "../../shared/terms.ts";
import type { Bidders } from "./bidder.ts";
import type { DropBook } from "./drop.ts";
import type { DutchBook } from "./dutch.ts";
import type { EnglishBook } from "./english.ts";
import type { Orders } from "./order.ts";
import type { SealedBook } from "./sealed.ts";
import type { Queue } from "./waitlist.ts";

/** What an auction is without its bidders and orders: O(1) in both, and enough to show it to the world. */
export interface AuctionState {
  readonly id: string;
  /** The version of the rules that it opened with and keeps. */
  readonly rules: number;
  readonly sellerId: string;
  /** Of the create command, so that its retry finds its own. */
  readonly createKey: string;
  readonly aliasSalt: string;
  /** Secret amounts enter the audit chain as commitments under it. */
  readonly secretSalt: string;
  readonly terms: CreateAuction;
  readonly createdAtMs: number;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  readonly status: AuctionStatus;
  /** Events so far. */
  readonly version: number;
  /** Accepted bids so far. */
  readonly bidCount: number;
  /** How often a bid in the soft-close window has moved the end. */
  readonly extensions: number;
  /** Who has won and what a unit costs them; null while nobody has, and in formats with many winners. */
  readonly winner: Winner | null;
  readonly ordersPlaced: number;
  /** No order below this number is pending. */
  readonly firstPending: number;
  /** What the format keeps of its bids. */
  readonly book: Books[AuctionFormat];
}

export interface Winner {
  readonly bidderId: string;
  readonly priceMinor: number;
}

/** Everything that deciding needs. Bidders and orders are kept as rows of their own, one each. */
export interface Auction extends AuctionState {
  readonly bidders: Bidders;
  readonly orders: Orders;
  /** Who waits at which place; the bidders know the same, this only finds the first. */
  readonly queue: Queue;
}

/** The book of each format. A new format adds its line here and in `formats.ts`. */
export interface Books {
  readonly english: EnglishBook;
  readonly dutch: DutchBook;
  readonly sealed: SealedBook;
  readonly drop: DropBook;
}

/** An auction of one format. */
export type AuctionOf<F extends AuctionFormat, A extends AuctionState = Auction> = A & {
  readonly terms: TermsOf<F>;
  readonly book: Books[F];
};

/** An auction without its bidders and orders, as its own row keeps it. */
export function stateOf(auction: Auction): AuctionState {
  const { bidders: _bidders, orders: _orders, queue: _queue, ...state } = auction;
  return state;
}
