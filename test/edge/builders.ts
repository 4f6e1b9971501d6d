import type { AuctionView } from "../../shared/auctions.ts";
import type { Outcome } from "../../shared/outcomes.ts";
import type { PublicEvent, Result } from "../../shared/results.ts";

type English = Extract<AuctionView, { format: "english" }>;

export const openAuction = (over: Partial<Omit<English, "format">> = {}): English => ({
  id: "auction-1",
  title: "A lamp",
  format: "english",
  currency: "EUR",
  minorUnitDigits: 2,
  sellerId: "sally",
  createdAt: 1_000,
  startsAt: 1_000,
  startPrice: 100,
  increment: 10,
  status: "open",
  version: 1,
  endsAt: 1_000_000,
  price: null,
  minimumBid: 100,
  bidCount: 0,
  leader: null,
  ...over,
});

export const bidEvent = (version: number): PublicEvent => ({
  type: "bid",
  version,
  at: version,
  bidder: "b-1",
  amount: 100 + version,
});

export const outcomeAt = (index: number, over: Partial<Outcome> = {}): Outcome => ({
  kind: "bid",
  actorId: "bob",
  key: `key-${index}`,
  bidId: `bid-${index}`,
  outcome: "accepted",
  seq: 7,
  index,
  at: 5_000,
  version: 2,
  price: 100,
  leading: true,
  ...over,
});

/** The result of an envelope that took the auction from one version to the other by bids alone. */
export function resultOf(from: number, to: number, over: Partial<Result> = {}): Result {
  const events = Array.from({ length: to - from }, (_, i) => bidEvent(from + 1 + i));
  return {
    v: 1,
    auctionId: "auction-1",
    seq: to,
    at: 5_000 + to,
    origin: "gateway-local-auction-1-0",
    envelopeId: `envelope-${to}`,
    from,
    to,
    live: {
      status: "open",
      version: to,
      endsAt: 1_000_000,
      price: 100 + to,
      minimumBid: 110 + to,
      bidCount: to - 1,
      leader: "b-1",
    },
    events,
    outcomes: [],
    ...over,
  };
}
