import type { AuctionLive, AuctionView, LeaderboardEntry } from "../../shared/auctions.ts";
import { minorUnitDigits } from "../../shared/currencies.ts";
import type { PublicEvent } from "../../shared/results.ts";
import type { AuctionFormat } from "../../shared/terms.ts";
import { unreachable } from "../../shared/unreachable.ts";
import { aliasFor } from "./aliases.ts";
import type { AuctionOf, AuctionState } from "./auction.ts";
import { perBidder } from "./drop.ts";
import { nextPriceAtMs } from "./dutch.ts";
import { buyNowAvailable, reserveMet } from "./english.ts";
import type { AuctionEvent, EventOf } from "./events.ts";
import { formatOf } from "./formats.ts";

type State<F extends AuctionFormat> = AuctionOf<F, AuctionState>;

/** What an auction stands at for everybody, in minor units: once closed, what the winner pays. Null without a price. */
export const publicPrice = (auction: AuctionState): number | null =>
  auction.winner?.priceMinor ?? formatOf(auction).price(auction);

/** The changing part of an auction as anyone may see it: bidders by alias. */
export function renderLive(auction: AuctionState): AuctionLive {
  return {
    status: auction.status,
    version: auction.version,
    endsAt: auction.endsAtMs,
    price: publicPrice(auction),
    minimumBid:
      auction.status === "scheduled" || auction.status === "open"
        ? formatOf(auction).minimumBid(auction)
        : null,
    bidCount: auction.bidCount,
    leader: publicLeader(auction),
    ...liveOfFormat(auction),
  };
}

/** Who leads an open auction, or has won; null when nobody does. */
export function leaderIdOf(auction: AuctionState): string | null {
  if (auction.winner !== null) return auction.winner.bidderId;
  if (auction.status !== "open") return null;
  return formatOf(auction).leaders(auction)[0]?.bidderId ?? null;
}

function publicLeader(auction: AuctionState): string | null {
  const leaderId = leaderIdOf(auction);
  return leaderId === null ? null : aliasFor(auction.aliasSalt, leaderId);
}

function liveOfFormat(auction: AuctionState): Partial<AuctionLive> {
  switch (auction.terms.format) {
    case "english":
      return liveEnglish(auction as State<"english">);
    case "dutch": {
      const dutch = auction as State<"dutch">;
      const nextPriceAt =
        dutch.status === "open" || dutch.status === "scheduled" ? nextPriceAtMs(dutch) : null;
      return { remaining: dutch.book.remaining, nextPriceAt };
    }
    case "sealed":
      return {};
    case "drop": {
      const { remaining, waiting } = (auction as State<"drop">).book;
      return { remaining, waiting: auction.status === "cancelled" ? 0 : waiting };
    }
    default:
      return unreachable(auction.terms);
  }
}

function liveEnglish(auction: State<"english">): Partial<AuctionLive> {
  const live: Partial<AuctionLive> = {};
  const { reservePrice, buyNowPrice } = auction.terms;
  if (reservePrice !== undefined) live.reserveMet = reserveMet(auction);
  if (buyNowPrice !== undefined) live.buyNowAvailable = auction.status === "open" && buyNowAvailable(auction);
  return live;
}

/** The whole auction as anyone may see it: without the reserve, and without the bidders' names. */
export function renderAuction(auction: AuctionState): AuctionView {
  const { terms } = auction;
  const listing = {
    id: auction.id,
    title: terms.title,
    currency: terms.currency,
    minorUnitDigits: minorUnitDigits(terms.currency),
    sellerId: auction.sellerId,
    createdAt: auction.createdAtMs,
    startsAt: auction.startsAtMs,
  };
  const live = renderLive(auction);
  switch (terms.format) {
    case "english": {
      const { format, startPrice, increment, buyNowPrice, softClose } = terms;
      return {
        ...listing,
        format,
        startPrice,
        increment,
        ...(buyNowPrice === undefined ? {} : { buyNowPrice }),
        ...(softClose === undefined ? {} : { softClose }),
        ...live,
      };
    }
    case "dutch": {
      const { format, startPrice, floorPrice, stepAmount, stepMs, units = 1 } = terms;
      return { ...listing, format, startPrice, floorPrice, stepAmount, stepMs, units, ...live };
    }
    case "sealed":
      return { ...listing, format: terms.format, pricing: terms.pricing, ...live };
    case "drop": {
      const { format, units, holdMs } = terms;
      const hold = holdMs === undefined ? {} : { holdMs };
      return { ...listing, format, units, perBidder: perBidder({ terms }), ...hold, ...live };
    }
    default:
      return unreachable(terms);
  }
}

/** Each bidder's best amount that everybody may see, the best first, bidders by alias. */
export function renderLeaderboard(auction: AuctionState): LeaderboardEntry[] {
  return formatOf(auction)
    .leaders(auction)
    .map((leader) => ({
      bidder: aliasFor(auction.aliasSalt, leader.bidderId),
      amount: leader.amountMinor,
      at: leader.atMs,
    }));
}

/** What watchers may learn of the event that led to `version`. */
export function renderEvent(event: AuctionEvent, version: number, aliasSalt: string): PublicEvent {
  const at = event.atMs;
  const alias = (bidderId: string): string => aliasFor(aliasSalt, bidderId);
  switch (event.type) {
    case "auction_created":
      return { type: "created", version, at };
    case "auction_opened":
      return { type: "opened", version, at };
    case "bid_accepted":
    case "maximum_raised":
      return { type: "bid", version, at, bidder: alias(event.bidderId), amount: event.amountMinor };
    case "counter_bid":
      return {
        type: "bid",
        version,
        at,
        bidder: alias(event.bidderId),
        amount: event.amountMinor,
        automatic: true,
      };
    case "bought_now":
      return { type: "bid", version, at, bidder: alias(event.bidderId), amount: event.priceMinor };
    case "sealed_bid":
      return { type: "bid", version, at, bidder: alias(event.bidderId), amount: null };
    case "price_dropped":
      return { type: "price", version, at, price: event.priceMinor };
    case "orders_placed":
      return renderSale(event, version, alias);
    case "waitlist_joined":
      return { type: "waitlisted", version, at, quantity: event.quantity };
    case "orders_settled":
      return { type: "settled", version, at, status: event.status, orders: event.numbers.length };
    case "auction_extended":
      return { type: "extended", version, at, endsAt: event.endsAtMs };
    case "end_changed":
      return { type: "end_changed", version, at, endsAt: event.endsAtMs, reason: event.reason };
    case "bids_retracted":
      return { type: "retracted", version, at, bidder: alias(event.bidderId), reason: event.reason };
    case "bidder_blocked":
      return { type: "administered", version, at };
    case "auction_closed": {
      const winner = event.winnerId === null ? null : alias(event.winnerId);
      return { type: "closed", version, at, winner, price: event.priceMinor };
    }
    case "auction_cancelled":
      return { type: "cancelled", version, at, reason: event.reason };
    default:
      return unreachable(event);
  }
}

function renderSale(
  { orders, atMs: at }: EventOf<"orders_placed">,
  version: number,
  alias: (bidderId: string) => string,
): PublicEvent {
  const [first] = orders;
  const quantity = orders.reduce((sum, order) => sum + order.quantity, 0);
  const bidder = first !== undefined && orders.length === 1 ? alias(first.bidderId) : null;
  return { type: "sold", version, at, bidder, quantity, price: first?.unitPriceMinor ?? 0 };
}
