import type { Auction } from "../../../core/auction/auction.ts";
import { nextDeadlineMs } from "../../../core/auction/deadlines.ts";
import type { AuctionEvent } from "../../../core/auction/events.ts";
import { formatOf } from "../../../core/auction/formats.ts";
import { renderLive } from "../../../core/auction/render.ts";
import { bidderAliasFor } from "../../../shared/ids.ts";
import type { Outcome } from "../../../shared/outcomes.ts";
import { unreachable } from "../../../shared/unreachable.ts";
import type { AuctionLog } from "../../support/auction-log.ts";
import { ALIAS_SALT } from "../../support/builders.ts";
import type { Happening, NaiveDecision } from "../../support/naive/state.ts";
import type { ReplayedAuction } from "../../support/replay.ts";

/** The product's decisions, one a command, as both readings of the rules must tell them. */
export function decisionsOf(log: AuctionLog): object[] {
  return log
    .history()
    .flatMap(({ decision, position: { seq, atMs } }) =>
      decision.entries.map((entry, index) => comparable({ ...entry, seq, index, at: atMs, first: entry.of })),
    );
}

export const naiveDecisionsOf = ({ decisions }: ReplayedAuction): object[] =>
  decisions.map(({ first, ...decision }) =>
    comparable({ ...decision, first: first && [first.seq, first.index] }),
  );

function comparable(decision: Partial<Omit<NaiveDecision, "first">> & { readonly first: unknown }): object {
  const { kind, actorId, key, outcome, reason, minimumBid, detail, version, price, first } = decision;
  const { seq, index, at } = decision;
  return { kind, actorId, key, outcome, reason, minimumBid, detail, version, price, first, seq, index, at };
}

/** What clients make of the results, one for each command that somebody waits for; without the receipt's chain, which tells of the whole envelope. */
export const outcomesOf = (log: AuctionLog): Outcome[] =>
  log
    .history()
    .flatMap(({ result }) =>
      result.outcomes.map(({ bidId: _derived, chain: _envelope, ...outcome }) => outcome),
    );

/** What the clients must be told: a retry hears of the first decision. */
export function naiveOutcomesOf({ decisions }: ReplayedAuction): object[] {
  return decisions
    .filter(({ kind }) => kind !== "tick" && kind !== "unreadable")
    .map((decision) => {
      const { first: _same, detail, ...told } = decision.first ?? decision;
      return { ...told, ...detail, ...(decision.first !== undefined && { duplicate: true }) };
    });
}

export const eventsOf = (log: AuctionLog): AuctionEvent[] =>
  log.history().flatMap(({ decision }) => decision.entries.flatMap((entry) => entry.events ?? []));

/** An event in the words of the naive model. */
export function happeningOf(event: AuctionEvent): Happening {
  const { type, atMs: at } = event;
  switch (type) {
    case "auction_created":
    case "auction_opened":
    case "orders_placed":
    case "auction_cancelled":
      return { type, at };
    case "bid_accepted":
    case "counter_bid":
    case "maximum_raised":
    case "sealed_bid":
      return { type, at, bidderId: event.bidderId, figure: event.amountMinor };
    case "bought_now":
      return { type, at, bidderId: event.bidderId, figure: event.priceMinor };
    case "price_dropped":
      return { type, at, figure: event.priceMinor };
    case "waitlist_joined":
      return { type, at, bidderId: event.bidderId, figure: event.quantity };
    case "orders_settled":
      return { type, at, figure: event.numbers.length };
    case "auction_extended":
    case "end_changed":
      return { type, at, figure: event.endsAtMs };
    case "bids_retracted":
    case "bidder_blocked":
      return { type, at, bidderId: event.bidderId };
    case "auction_closed":
      return { type, at, bidderId: event.winnerId, figure: event.priceMinor };
    default:
      return unreachable(type);
  }
}

/** The auction at the end, as far as the rules speak of it. */
export function closing(auction: Auction | null): object | null {
  if (auction === null) return null;
  const { nextPriceAt: _later, buyNowAvailable: _soon, ...live } = renderLive(auction);
  return {
    ...live,
    winner: auction.winner?.bidderId ?? null,
    leaderboard: formatOf(auction)
      .leaders(auction)
      .map(({ bidderId, amountMinor: amount, atMs: at }) => ({ bidderId, amount, at })),
    orders: [...auction.orders.values()]
      .sort((a, b) => a.number - b.number)
      .map(
        ({
          number,
          bidderId,
          quantity,
          unitPriceMinor: unitPrice,
          source,
          status,
          createdAtMs,
          expiresAtMs,
        }) => ({
          number,
          bidderId,
          quantity,
          unitPrice,
          source,
          status,
          createdAt: createdAtMs,
          expiresAt: expiresAtMs,
        }),
      ),
    nextDeadlineAt: nextDeadlineMs(auction),
  };
}

export function naiveClosing(auction: ReplayedAuction): object | null {
  if (auction.status === null) return null;
  const { status, version, endsAt, price, minimumBid, bidCount, leader, winner } = auction;
  const { reserveMet, remaining, waiting, leaderboard, orders, nextDeadlineAt } = auction;
  return {
    status,
    version,
    endsAt,
    price,
    minimumBid,
    bidCount,
    winner,
    leaderboard,
    nextDeadlineAt,
    leader: leader === null ? null : bidderAliasFor(ALIAS_SALT, leader),
    ...(reserveMet !== undefined && { reserveMet }),
    ...(remaining !== undefined && { remaining }),
    ...(waiting !== undefined && { waiting }),
    orders: orders.map(({ orderId: _derived, ...order }) => order),
  };
}

/** All that an auction holds, in plain values: maps list their content in no order of their own. */
export function contentOf(auction: Auction | null): object | null {
  if (auction === null) return null;
  const { bidders, orders, queue, ...state } = auction;
  return {
    state,
    bidders: [...bidders].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, bidder]) => bidder),
    orders: [...orders].sort(([a], [b]) => a - b).map(([, order]) => order),
    queue: [...queue].sort(([a], [b]) => a - b),
  };
}
