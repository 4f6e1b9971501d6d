import type { AuctionFormat, AuctionStatus, CreateAuction } from "../../shared/auctions.ts";
import type { EnglishBook } from "./english.ts";

/** The state of one auction: O(1) in the number of its bids. */
export interface Auction {
  readonly id: string;
  /** The version of the rules that it opened with and keeps. */
  readonly rules: number;
  readonly sellerId: string;
  /** Of the create command, so that its retry finds its own. */
  readonly createKey: string;
  readonly aliasSalt: string;
  readonly terms: CreateAuction;
  readonly createdAtMs: number;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  readonly status: AuctionStatus;
  /** Events so far. */
  readonly version: number;
  /** What the format keeps of its bids. */
  readonly book: Books[AuctionFormat];
}

/** The book of each format. A new format adds its line here and in `formats.ts`. */
export interface Books {
  readonly english: EnglishBook;
}
