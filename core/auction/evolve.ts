import { unreachable } from "../../shared/unreachable.ts";
import type { Auction } from "./auction.ts";
import type { AuctionEvent } from "./events.ts";
import { formats } from "./formats.ts";
import { InvariantError } from "./invariant-error.ts";

/** The auction after an event. Total over the events of an existing auction; throws InvariantError only for a log that no `decide` wrote. */
export function evolve(auction: Auction | null, event: AuctionEvent): Auction {
  if (event.type === "auction_created") {
    if (auction !== null) throw new InvariantError(`auction ${auction.id} was created twice`);
    return newAuction(event);
  }
  if (auction === null) throw new InvariantError(`${event.type} before auction_created`);
  const version = auction.version + 1;
  switch (event.type) {
    case "auction_opened":
      return { ...auction, version, status: "open" };
    case "auction_closed":
      return { ...auction, version, status: "closed" };
    case "bid_accepted":
      return { ...auction, version, book: formats[auction.terms.format].evolve(auction.book, event) };
    default:
      return unreachable(event);
  }
}

function newAuction(event: Extract<AuctionEvent, { type: "auction_created" }>): Auction {
  const { terms, atMs } = event;
  const startsAtMs = Math.max(terms.startsAt ?? atMs, atMs);
  return {
    id: event.auctionId,
    rules: event.rules,
    sellerId: event.sellerId,
    createKey: event.key,
    aliasSalt: event.aliasSalt,
    terms,
    createdAtMs: atMs,
    startsAtMs,
    endsAtMs: terms.endsAt,
    status: startsAtMs > atMs ? "scheduled" : "open",
    version: 1,
    book: formats[terms.format].initialBook(),
  };
}
