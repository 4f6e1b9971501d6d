import type { AuctionStatus } from "../../shared/auctions.ts";
import { bidBodySchema } from "../../shared/bids.ts";
import { bidderAliasFor } from "../../shared/ids.ts";
import type { PublicBid } from "../../shared/queries.ts";
import type { AuctionFormat } from "../../shared/terms.ts";
import type { EventOf } from "../auction/events.ts";
import { type DecisionEntry, outcomeOf, type Position } from "../auction/record.ts";

/** What of an auction decides how its bids are shown. */
export interface BidAuction {
  readonly salt: string;
  readonly format: AuctionFormat;
  readonly status: AuctionStatus;
}

/** A decided bid as others may see it; undefined for what is no bid of its own: a retry, a reused key, another command. */
export function publicBidOf(
  entry: DecisionEntry,
  place: { readonly position: Position; readonly index: number },
  auction: BidAuction,
): PublicBid | undefined {
  if (entry.kind !== "bid" || entry.reason === "idempotency_key_reused") return undefined;
  const outcome = outcomeOf(entry, place.position, place.index);
  if (outcome?.bidId === undefined) return undefined;
  const body = bidBodySchema.parse(entry.body ?? {});
  const bid: PublicBid = {
    bidId: outcome.bidId,
    bidder: bidderAliasFor(auction.salt, outcome.actorId),
    amount: shownAmount(entry, body.amount, auction),
    outcome: outcome.outcome,
    seq: outcome.seq,
    index: outcome.index,
    at: outcome.at,
  };
  if (outcome.reason !== undefined) bid.reason = outcome.reason;
  if (auction.format === "dutch" || auction.format === "drop") bid.quantity = body.quantity ?? 1;
  const counterBids = (entry.events ?? [])
    .filter((event): event is EventOf<"counter_bid"> => event.type === "counter_bid")
    .map(({ bidderId, amountMinor }) => ({
      bidder: bidderAliasFor(auction.salt, bidderId),
      amount: amountMinor,
    }));
  if (counterBids.length > 0) bid.counterBids = counterBids;
  return bid;
}

/** A refused bid shows what it named openly; an accepted one what its format lets it show. */
function shownAmount(entry: DecisionEntry, named: number | undefined, auction: BidAuction): number | null {
  switch (auction.format) {
    case "sealed":
      return auction.status === "closed" ? (named ?? null) : null;
    case "english":
      return entry.outcome === "accepted" ? englishAmount(entry) : (named ?? null);
    case "dutch":
    case "drop":
      return entry.detail?.unitPrice ?? named ?? null;
  }
}

function englishAmount({ events = [] }: DecisionEntry): number | null {
  for (const event of events) {
    if (event.type === "bid_accepted" || event.type === "maximum_raised") return event.amountMinor;
    if (event.type === "bought_now") return event.priceMinor;
  }
  return null;
}
