import type { CreateAuction } from "../../shared/auctions.ts";

/**
 * What happened to an auction. Each event is one version. Events hold the true bidder ids: `render.ts` makes of them
 * what watchers may see.
 */
export type AuctionEvent =
  | {
      readonly type: "auction_created";
      readonly auctionId: string;
      readonly sellerId: string;
      readonly key: string;
      readonly rules: number;
      readonly aliasSalt: string;
      readonly terms: CreateAuction;
      readonly atMs: number;
    }
  | { readonly type: "auction_opened"; readonly atMs: number }
  | {
      readonly type: "bid_accepted";
      readonly bidderId: string;
      readonly amountMinor: number;
      readonly atMs: number;
    }
  | {
      readonly type: "auction_closed";
      readonly winnerId: string | null;
      readonly priceMinor: number | null;
      readonly atMs: number;
    };

/** The events that a format brings about and applies to its own book. */
export type BookEvent = Extract<AuctionEvent, { type: "bid_accepted" }>;
