import type { OrderSource } from "../../shared/orders.ts";
import type { CreateAuction } from "../../shared/terms.ts";

/**
 * What happened to an auction. Each event is one version. Events hold true bidder ids and secret amounts: `render.ts`
 * makes of them what watchers may see. Amounts are minor units, moments the log's clock.
 */
export type AuctionEvent =
  | {
      readonly type: "auction_created";
      readonly auctionId: string;
      readonly sellerId: string;
      readonly key: string;
      readonly rules: number;
      readonly aliasSalt: string;
      readonly secretSalt?: string;
      readonly terms: CreateAuction;
      readonly atMs: number;
    }
  | At<{ readonly type: "auction_opened" }>
  /** English: a bid that shows `amountMinor` now. The limit and the openly named amount are there when they differ from it. */
  | At<{
      readonly type: "bid_accepted";
      readonly bidderId: string;
      readonly amountMinor: number;
      readonly maxMinor?: number;
      /** 0: the bidder named only a maximum. */
      readonly floorMinor?: number;
    }>
  /** English: the engine bid `amountMinor` for a bidder's maximum. */
  | At<{ readonly type: "counter_bid"; readonly bidderId: string; readonly amountMinor: number }>
  /** English: the leader's own maximum rose; `amountMinor` is the price after it. */
  | At<{
      readonly type: "maximum_raised";
      readonly bidderId: string;
      readonly maxMinor: number;
      readonly amountMinor: number;
    }>
  | At<{ readonly type: "bought_now"; readonly bidderId: string; readonly priceMinor: number }>
  | At<{ readonly type: "sealed_bid"; readonly bidderId: string; readonly amountMinor: number }>
  /** Dutch: the clock has reached step `step`, counted from 0 at the start. */
  | At<{ readonly type: "price_dropped"; readonly step: number; readonly priceMinor: number }>
  | At<{
      readonly type: "waitlist_joined";
      readonly bidderId: string;
      readonly place: number;
      readonly quantity: number;
      /** The bid has got some of its units at once. */
      readonly restOfBid?: true;
    }>
  /** Orders `first`, `first + 1`, … */
  | At<{
      readonly type: "orders_placed";
      readonly first: number;
      readonly source: OrderSource;
      readonly orders: readonly PlacedOrder[];
      readonly expiresAtMs: number | null;
    }>
  | At<{
      readonly type: "orders_settled";
      readonly numbers: readonly number[];
      readonly status: "confirmed" | "released" | "expired";
    }>
  | At<{ readonly type: "auction_extended"; readonly endsAtMs: number }>
  | At<{ readonly type: "end_changed"; readonly endsAtMs: number; readonly reason: string }>
  | At<{ readonly type: "bids_retracted"; readonly bidderId: string; readonly reason: string }>
  | At<{ readonly type: "bidder_blocked"; readonly bidderId: string; readonly blocked: boolean }>
  | At<{
      readonly type: "auction_closed";
      readonly winnerId: string | null;
      readonly priceMinor: number | null;
    }>
  | At<{ readonly type: "auction_cancelled"; readonly reason: string }>;

type At<E> = E & { readonly atMs: number };

export interface PlacedOrder {
  readonly bidderId: string;
  readonly quantity: number;
  readonly unitPriceMinor: number;
}

export type EventOf<T extends AuctionEvent["type"]> = Extract<AuctionEvent, { type: T }>;

/** The events that a format applies to its own book, after the aggregate has applied them to what all formats share. */
export type BookEvent = EventOf<
  | "bid_accepted"
  | "counter_bid"
  | "maximum_raised"
  | "bought_now"
  | "sealed_bid"
  | "price_dropped"
  | "waitlist_joined"
  | "orders_placed"
  | "orders_settled"
  | "bids_retracted"
  | "bidder_blocked"
  | "auction_closed"
  | "auction_cancelled"
>;
