import { LEADERBOARD_SIZE } from "../../shared/auctions.ts";
import type { BidBody } from "../../shared/bids.ts";
import type { AuctionOf, AuctionState, Winner } from "./auction.ts";
import { bidderOf, type Bidders, isBetter, type Standing, withBidder } from "./bidder.ts";
import type { EventOf, PlacedOrder } from "./events.ts";
import type { Accepted, BookChange, Format, Leader } from "./format.ts";
import { nextBidAbove } from "./increment.ts";
import { InvariantError } from "./invariant-error.ts";
import { detailOf, ordersPlaced } from "./order.ts";
import { proxyPrice } from "./proxy.ts";
import { ranking, rankingOfRunnersUp } from "./ranking.ts";
import { misfit, rejected, type Rejection, tooLow } from "./rejection.ts";
import { extendIfClosing } from "./soft-close.ts";
import type { Story } from "./story.ts";

type English = AuctionOf<"english">;
type EnglishState = AuctionOf<"english", AuctionState>;

/** `amountMinor` is the maximum: of everybody but the leader it is exhausted, and so no secret. */
interface Shown extends Standing, Leader {}

/** An ascending auction's book, O(1) in its bidders: who leads at which price, and the best of the others. */
export interface EnglishBook {
  readonly leader: Shown | null;
  /** Null before the first bid. */
  readonly priceMinor: number | null;
  /** Best first, without the leader; as many as the leaderboard shows. */
  readonly others: readonly Shown[];
}

const EMPTY: EnglishBook = { leader: null, priceMinor: null, others: [] };
const MAX_OTHERS = LEADERBOARD_SIZE - 1;

/**
 * The open ascending auction: the first bid offers at least the start price, each further one at least the price plus the
 * increment of its tier. A bid may name an amount, which it then shows, or a maximum, up to which the engine bids for
 * its bidder (`proxy.ts`). An amount between two steps counts as it is (as at the auction houses that sell online: the
 * increment is the least raise, not a grid).
 */
export const english: Format<"english"> = {
  bidFields: ["amount", "maxAmount", "buyNow"],
  endsAtMs: ({ endsAt }) => endsAt,
  initialBook: () => EMPTY,

  decideBid(auction, { bidderId, body }, story) {
    if (body.buyNow) return buyNow(auction, bidderId, story);
    const limit = body.maxAmount ?? body.amount;
    if (limit === undefined) return misfit("amount");
    const { leader } = auction.book;
    const refusal =
      leader?.bidderId === bidderId && body.amount === undefined
        ? raiseMaximum(auction, leader, { limit, story })
        : offer(auction, { bidderId, body, limit }, story);
    if (refusal !== undefined) return refusal;
    extendIfClosing(auction, story);
    return ACCEPTED;
  },

  evolve(auction, event) {
    switch (event.type) {
      case "bid_accepted":
      case "maximum_raised":
        return bidTaken(auction, event);
      case "bought_now":
        return {
          bidCount: auction.bidCount + 1,
          bidders: withBidder(auction.bidders, event.bidderId, { bidAtMs: event.atMs }),
        };
      case "bids_retracted": {
        const bidders = withBidder(auction.bidders, event.bidderId, { standing: null });
        return { bidders, book: bookFrom(auction, bidders) };
      }
      case "counter_bid":
      case "orders_placed":
      case "orders_settled":
      case "bidder_blocked":
      case "auction_closed":
      case "auction_cancelled":
        return {};
      case "sealed_bid":
      case "price_dropped":
      case "waitlist_joined":
        throw new InvariantError(`${event.type} in an english auction`);
    }
  },

  nextStepMs: () => null,
  step() {
    throw new InvariantError("an english auction has no steps");
  },

  settle(auction): Winner | null {
    const { leader, priceMinor } = auction.book;
    if (leader === null || priceMinor === null || !reserveMet(auction)) return null;
    return { bidderId: leader.bidderId, priceMinor };
  },

  reassign() {
    // A lot that comes back goes to nobody by itself: `settlement.ts` offers it to the runner-up.
  },

  /** eBay's second chance offer: the best of those who were not offered it yet, at the best that they have bid; not below the reserve. */
  runnerUp(auction): PlacedOrder | undefined {
    const reserve = auction.terms.reservePrice ?? 0;
    const [next] = rankingOfRunnersUp(auction);
    if (next === undefined || next.maxMinor < reserve) return undefined;
    return { bidderId: next.bidderId, quantity: 1, unitPriceMinor: next.maxMinor };
  },

  price: ({ book }) => book.priceMinor,

  minimumBid({ terms, book }) {
    return book.priceMinor === null ? terms.startPrice : nextBidAbove(terms.increment, book.priceMinor);
  },

  leaders({ book }): readonly Leader[] {
    const { leader, priceMinor, others } = book;
    if (leader === null || priceMinor === null) return [];
    return [{ bidderId: leader.bidderId, amountMinor: priceMinor, atMs: leader.atMs }, ...others];
  },
};

const ACCEPTED: Accepted = {};

/** Whether the price has met the hidden reserve; true without one. */
export function reserveMet({ terms, book }: EnglishState): boolean {
  return terms.reservePrice === undefined || (book.priceMinor ?? 0) >= terms.reservePrice;
}

/** It can be bought at once until the first bid, or, with a reserve, until that is met (eBay, "Buy It Now" on auctions). */
export function buyNowAvailable(auction: EnglishState): boolean {
  const { terms, book } = auction;
  if (terms.buyNowPrice === undefined) return false;
  return book.leader === null || (terms.reservePrice !== undefined && !reserveMet(auction));
}

function buyNow(auction: English, bidderId: string, story: Story): Accepted | Rejection {
  const priceMinor = auction.terms.buyNowPrice;
  if (priceMinor === undefined || !buyNowAvailable(auction)) return rejected("buy_now_unavailable");
  const { atMs } = story;
  story.tell({ type: "bought_now", bidderId, priceMinor, atMs });
  story.tell({ type: "auction_closed", winnerId: bidderId, priceMinor, atMs });
  const order = { bidderId, quantity: 1, unitPriceMinor: priceMinor };
  const placed = ordersPlaced(story.auction, "buy_now", [order], atMs);
  story.tell(placed);
  return { detail: detailOf(auction, placed) };
}

/** The leader's own maximum rises without moving the price, unless it now meets the reserve. */
function raiseMaximum(
  { terms, book }: English,
  leader: Shown,
  { limit, story }: { limit: number; story: Story },
): Rejection | undefined {
  if (limit <= leader.maxMinor) return rejected("maximum_not_raised");
  const { bidderId } = leader;
  const { reservePrice = 0 } = terms;
  const amountMinor = Math.max(book.priceMinor ?? 0, limit >= reservePrice ? reservePrice : 0);
  story.tell({ type: "maximum_raised", bidderId, maxMinor: limit, amountMinor, atMs: story.atMs });
  return undefined;
}

interface Offer {
  readonly bidderId: string;
  readonly body: BidBody;
  /** The most that the bidder offers. */
  readonly limit: number;
}

/** A challenger's bid, or the leader's own with a named amount: counted if its limit reaches the minimum. */
function offer(auction: English, { bidderId, body, limit }: Offer, story: Story): Rejection | undefined {
  const minimum = english.minimumBid(auction);
  if (minimum === null || limit < minimum) return tooLow(minimum);
  const { leader, priceMinor } = auction.book;
  const { atMs } = story;
  const overtakes = leader !== null && leader.bidderId !== bidderId && limit > leader.maxMinor;
  // What the former leader's maximum still had to give was bid before it was beaten.
  if (overtakes && leader.maxMinor > (priceMinor ?? 0))
    story.tell({ type: "counter_bid", bidderId: leader.bidderId, amountMinor: leader.maxMinor, atMs });
  if (limit === body.amount) {
    story.tell({ type: "bid_accepted", bidderId, amountMinor: limit, atMs });
  } else {
    const floorMinor = body.amount ?? 0;
    const shown = shownAmount(auction, { bidderId, limit, floorMinor });
    story.tell({ type: "bid_accepted", bidderId, amountMinor: shown, maxMinor: limit, floorMinor, atMs });
  }
  if (leader !== null && leader.bidderId !== bidderId && !overtakes)
    story.tell({
      type: "counter_bid",
      bidderId: leader.bidderId,
      amountMinor: (story.auction as English).book.priceMinor ?? 0,
      atMs,
    });
  return undefined;
}

/** What a bid with a maximum shows: the price if it leads, all of it if it does not. */
function shownAmount(
  { terms, book }: English,
  { bidderId, limit, floorMinor }: { bidderId: string; limit: number; floorMinor: number },
): number {
  const { leader, others } = book;
  if (leader !== null && leader.bidderId !== bidderId && limit <= leader.maxMinor) return limit;
  const own = leader?.bidderId === bidderId ? leader : undefined;
  const standing: Standing = {
    maxMinor: Math.max(limit, own?.maxMinor ?? 0),
    floorMinor: Math.max(floorMinor, own?.floorMinor ?? 0),
    order: 0,
    atMs: 0,
  };
  return proxyPrice(terms, standing, own === undefined ? (leader ?? undefined) : others[0]);
}

function bidTaken(
  auction: English,
  event: EventOf<"bid_accepted" | "maximum_raised">,
): BookChange<"english"> {
  const { bidderId, atMs } = event;
  const known = bidderOf(auction.bidders, bidderId);
  const limit = event.maxMinor ?? event.amountMinor;
  const named = event.type === "maximum_raised" ? 0 : (event.floorMinor ?? event.amountMinor);
  const before = known.standing;
  const rises = before === null || limit > before.maxMinor;
  const standing: Standing = {
    maxMinor: rises ? limit : before.maxMinor,
    floorMinor: Math.max(named, before?.floorMinor ?? 0),
    order: rises ? auction.version : before.order,
    atMs: rises ? atMs : before.atMs,
  };
  const ranked = shownOf(bidderId, standing);
  return {
    bidCount: auction.bidCount + 1,
    bidders: auction.bidders.set(bidderId, { ...known, standing, bidAtMs: atMs }),
    // A raised maximum leaves the price where it is, even one that a higher maximum would have had to pay.
    book:
      event.type === "maximum_raised"
        ? { ...auction.book, leader: ranked, priceMinor: event.amountMinor }
        : bookWith(auction, ranked),
  };
}

/** The book after one bidder's standing has risen. */
function bookWith({ terms, book }: English, risen: Shown): EnglishBook {
  const { leader } = book;
  if (leader === null || leader.bidderId === risen.bidderId)
    return { ...book, leader: risen, priceMinor: proxyPrice(terms, risen, book.others[0]) };
  const leads = isBetter(risen, leader);
  const others = othersWith(book.others, leads ? leader : risen, risen.bidderId);
  const first = leads ? risen : leader;
  return { leader: first, others, priceMinor: proxyPrice(terms, first, others[0]) };
}

/** The others with one more in its place, and without what they knew of `exceptId`. */
function othersWith(others: readonly Shown[], added: Shown, exceptId: string): readonly Shown[] {
  const next: Shown[] = [];
  let placed = false;
  for (const other of others) {
    if (!placed && isBetter(added, other)) {
      next.push(added);
      placed = true;
    }
    if (other.bidderId !== exceptId) next.push(other);
  }
  if (!placed) next.push(added);
  if (next.length > MAX_OTHERS) next.length = MAX_OTHERS;
  return next;
}

/** The book as it follows from all that stands: what a retraction leaves. */
function bookFrom({ terms }: English, bidders: Bidders): EnglishBook {
  const [leader, ...others] = ranking(bidders)
    .slice(0, LEADERBOARD_SIZE)
    .map((ranked) => shownOf(ranked.bidderId, ranked));
  if (leader === undefined) return EMPTY;
  return { leader, others, priceMinor: proxyPrice(terms, leader, others[0]) };
}

const shownOf = (bidderId: string, { maxMinor, floorMinor, order, atMs }: Standing): Shown => ({
  bidderId,
  amountMinor: maxMinor,
  maxMinor,
  floorMinor,
  order,
  atMs,
});
