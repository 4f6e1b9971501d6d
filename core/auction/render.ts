import type { AuctionLive, AuctionView, LeaderboardEntry } from "../../shared/auctions.ts";
import { bidderAliasFor } from "../../shared/ids.ts";
import type { PublicEvent } from "../../shared/results.ts";
import { unreachable } from "../../shared/unreachable.ts";
import type { Auction } from "./auction.ts";
import type { Leader } from "./english.ts";
import type { AuctionEvent } from "./events.ts";
import { formats } from "./formats.ts";

/** A leader stays the same object for as long as it leads, and an alias costs a hash. */
const aliases = new WeakMap<Leader, string>();

function aliasOf(auction: Auction, leader: Leader): string {
  let alias = aliases.get(leader);
  if (alias === undefined) {
    alias = bidderAliasFor(auction.aliasSalt, leader.bidderId);
    aliases.set(leader, alias);
  }
  return alias;
}

/** The changing part of an auction as anyone may see it: bidders by alias. */
export function renderLive(auction: Auction): AuctionLive {
  const format = formats[auction.terms.format];
  const leader = format.leaders(auction.book)[0];
  return {
    status: auction.status,
    version: auction.version,
    endsAt: auction.endsAtMs,
    price: format.price(auction.book),
    minimumBid: auction.status === "closed" ? null : format.minimumBid(auction),
    bidCount: format.bidCount(auction.book),
    leader: leader === undefined ? null : aliasOf(auction, leader),
  };
}

/** The whole auction as anyone may see it. */
export function renderAuction(auction: Auction): AuctionView {
  const { terms } = auction;
  return {
    id: auction.id,
    title: terms.title,
    format: terms.format,
    currency: terms.currency,
    sellerId: auction.sellerId,
    createdAt: auction.createdAtMs,
    startsAt: auction.startsAtMs,
    startPrice: terms.startPrice,
    increment: terms.increment,
    ...renderLive(auction),
  };
}

/** Each bidder's best accepted amount, highest first, bidders by alias. */
export function renderLeaderboard(auction: Auction): LeaderboardEntry[] {
  return formats[auction.terms.format].leaders(auction.book).map((leader) => ({
    bidder: aliasOf(auction, leader),
    amount: leader.amountMinor,
    at: leader.atMs,
  }));
}

/** What watchers may learn of the event that led to `version`. */
export function renderEvent(event: AuctionEvent, version: number, aliasSalt: string): PublicEvent {
  const at = event.atMs;
  switch (event.type) {
    case "auction_created":
      return { type: "created", version, at };
    case "auction_opened":
      return { type: "opened", version, at };
    case "bid_accepted":
      return {
        type: "bid",
        version,
        at,
        bidder: bidderAliasFor(aliasSalt, event.bidderId),
        amount: event.amountMinor,
      };
    case "auction_closed": {
      const winner = event.winnerId === null ? null : bidderAliasFor(aliasSalt, event.winnerId);
      return { type: "closed", version, at, winner, price: event.priceMinor };
    }
    default:
      return unreachable(event);
  }
}
