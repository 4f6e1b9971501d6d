import { unreachable } from "../../shared/unreachable.ts";
import type { Auction } from "./auction.ts";
import { NO_BIDDERS, withBidder } from "./bidder.ts";
import type { AuctionEvent, BookEvent, EventOf } from "./events.ts";
import { formatOf } from "./formats.ts";
import { InvariantError } from "./invariant-error.ts";
import { NO_ORDERS, withPlaced, withSettled } from "./order.ts";
import { NO_QUEUE } from "./waitlist.ts";

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
    case "auction_extended":
      return { ...auction, version, endsAtMs: event.endsAtMs, extensions: auction.extensions + 1 };
    case "end_changed":
      return { ...auction, version, endsAtMs: event.endsAtMs };
    case "auction_closed": {
      const winner = winnerOf(event.winnerId, event.priceMinor);
      // Ended early or sold out, it has ended now.
      const endsAtMs = Math.min(auction.endsAtMs, event.atMs);
      return withBook({ ...auction, version, status: "closed", endsAtMs, winner }, event);
    }
    case "auction_cancelled":
      return withBook({ ...auction, version, status: "cancelled" }, event);
    case "orders_placed": {
      const winner = event.source === "second_chance" ? secondWinner(event) : auction.winner;
      return withBook({ ...auction, version, ...withPlaced(auction, event), winner }, event);
    }
    case "orders_settled":
      return withBook({ ...auction, version, ...withSettled(auction, event) }, event);
    case "bidder_blocked": {
      const bidders = withBidder(auction.bidders, event.bidderId, { blocked: event.blocked });
      return withBook({ ...auction, version, bidders }, event);
    }
    case "bid_accepted":
    case "counter_bid":
    case "maximum_raised":
    case "bought_now":
    case "sealed_bid":
    case "price_dropped":
    case "waitlist_joined":
    case "bids_retracted":
      return withBook({ ...auction, version }, event);
    default:
      return unreachable(event);
  }
}

/** `next` is ours alone: writing into it spares a copy of the auction for every bid. */
function withBook(next: Writable<Auction>, event: BookEvent): Auction {
  const { bidders, queue, bidCount, book } = formatOf(next).evolve(next, event);
  if (bidders !== undefined) next.bidders = bidders;
  if (queue !== undefined) next.queue = queue;
  if (bidCount !== undefined) next.bidCount = bidCount;
  if (book !== undefined) next.book = book;
  return next;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const winnerOf = (bidderId: string | null, priceMinor: number | null): Auction["winner"] =>
  bidderId === null || priceMinor === null ? null : { bidderId, priceMinor };

function secondWinner({ orders: [order] }: EventOf<"orders_placed">): Auction["winner"] {
  if (order === undefined) throw new InvariantError("a second chance without an order");
  return { bidderId: order.bidderId, priceMinor: order.unitPriceMinor };
}

function newAuction(event: EventOf<"auction_created">): Auction {
  const { terms, atMs } = event;
  const startsAtMs = Math.max(terms.startsAt ?? atMs, atMs);
  const format = formatOf({ terms });
  return {
    id: event.auctionId,
    rules: event.rules,
    sellerId: event.sellerId,
    createKey: event.key,
    aliasSalt: event.aliasSalt,
    // Creates of the first edges carry no salt of their own for secrets; theirs was as random and as hidden.
    secretSalt: event.secretSalt ?? event.aliasSalt,
    terms,
    createdAtMs: atMs,
    startsAtMs,
    endsAtMs: format.endsAtMs(terms, startsAtMs),
    status: startsAtMs > atMs ? "scheduled" : "open",
    version: 1,
    bidCount: 0,
    extensions: 0,
    winner: null,
    ordersPlaced: 0,
    firstPending: 1,
    book: format.initialBook(terms),
    bidders: NO_BIDDERS,
    orders: NO_ORDERS,
    queue: NO_QUEUE,
  };
}
