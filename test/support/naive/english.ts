import type { Increment } from "./commands.ts";
import { placeOrders } from "./orders.ts";
import {
  type Bid,
  happen,
  type Move,
  type NaiveAuction,
  notForFormat,
  shut,
  standingBids,
  type TermsOf,
  type Verdict,
} from "./state.ts";

type English = TermsOf<"english">;

/** What a bidder stands for. */
export interface Standing {
  readonly bidderId: string;
  /** The highest `maxAmount`, or `amount` where there is none. */
  readonly limit: number;
  /** The highest `amount` named openly. */
  readonly floor: number;
  /** The place among all moves, and the moment, at which the limit was reached. */
  readonly place: number;
  readonly at: number;
}

/** "The best standing leads": the highest limit first, "of equal limits the earlier". */
export function standings(moves: readonly Move[]): Standing[] {
  const bids = standingBids(moves);
  const bidders = [...new Set(bids.map((bid) => bid.bidderId))];
  return bidders
    .map((bidderId): Standing => {
      const own = bids.filter((bid) => bid.bidderId === bidderId);
      const limits = own.map(limitOf);
      const limit = Math.max(...limits);
      const reached = own[limits.indexOf(limit)] as (typeof own)[0];
      const floor = Math.max(0, ...own.map((bid) => bid.amount ?? 0));
      return { bidderId, limit, floor, place: moves.indexOf(reached), at: reached.at };
    })
    .sort((a, b) => b.limit - a.limit || a.place - b.place);
}

const limitOf = (bid: { maxAmount?: number | undefined; amount?: number | undefined }): number =>
  bid.maxAmount ?? bid.amount ?? 0;

/**
 * "The price is the largest of: the start price; the leader's floor; the lesser of the leader's limit and the runner-up's
 * limit plus the step at the runner-up's limit; and the reserve, if the leader's limit meets it." But when the leader names
 * a higher maximum alone, "the price stands (unless the reserve is now met)". Null while nothing stands.
 */
export function englishPrice(terms: English, moves: readonly Move[]): number | null {
  const [leader, runnerUp] = standings(moves);
  if (leader === undefined) return null;
  const reserve =
    terms.reservePrice !== undefined && leader.limit >= terms.reservePrice ? terms.reservePrice : 0;
  const last = moves.at(-1);
  if (last?.type === "bid" && last.raise)
    return Math.max(reserve, englishPrice(terms, moves.slice(0, -1)) ?? 0);
  const beating =
    runnerUp === undefined ? 0 : lesser(leader.limit, plusStep(terms.increment, runnerUp.limit));
  return Math.max(terms.startPrice, leader.floor, beating, reserve);
}

const lesser = (limit: number, sum: bigint): number => (sum < BigInt(limit) ? Number(sum) : limit);

/** "The step of the highest tier at or below the price", added to it. */
function plusStep(increment: Increment, price: number): bigint {
  if (typeof increment === "number") return BigInt(price) + BigInt(increment);
  const below = increment.filter((tier) => tier.from <= price);
  const highest = Math.max(...below.map((tier) => tier.from));
  const step = below.find((tier) => tier.from === highest)?.step ?? 0;
  return BigInt(price) + BigInt(step);
}

/** The least that a bid's limit must be; null when "no step stays a safe integer". */
export function englishMinimum(terms: English, moves: readonly Move[]): number | null {
  const price = englishPrice(terms, moves);
  if (price === null) return terms.startPrice;
  const least = plusStep(terms.increment, price);
  return least > BigInt(Number.MAX_SAFE_INTEGER) ? null : Number(least);
}

export function reserveMet(terms: English, moves: readonly Move[]): boolean {
  const price = englishPrice(terms, moves);
  return price !== null && price >= (terms.reservePrice ?? 0);
}

/** "While nothing stands, or, with a reserve, while that is not met." */
export function canBuyNow(terms: English, moves: readonly Move[]): boolean {
  if (terms.buyNowPrice === undefined) return false;
  if (standings(moves).length === 0) return true;
  return terms.reservePrice !== undefined && !reserveMet(terms, moves);
}

export function bidEnglish(auction: NaiveAuction, terms: English, bid: Bid, at: number): Verdict {
  const { body, bidderId } = bid;
  for (const field of ["quantity", "partial", "waitlist"] as const)
    if (body[field] !== undefined) return notForFormat(field);
  if (body.buyNow) return buyNow(auction, terms, bidderId, at);
  const limit = body.maxAmount ?? body.amount;
  if (limit === undefined) return notForFormat("amount");
  const [leader] = standings(auction.moves);
  if (leader?.bidderId === bidderId && body.amount === undefined)
    return raise(auction, terms, bid, { limit, at, leaderLimit: leader.limit });
  const minimum = englishMinimum(terms, auction.moves);
  if (minimum === null) return { reason: "bid_too_low" };
  if (limit < minimum) return { reason: "bid_too_low", minimumBid: minimum };
  const before = englishPrice(terms, auction.moves);
  auction.moves.push({ type: "bid", bidderId, at, amount: body.amount, maxAmount: body.maxAmount });
  const price = englishPrice(terms, auction.moves) ?? 0;
  const leads = standings(auction.moves)[0]?.bidderId === bidderId;
  // "A leader who is overtaken has first bid the own limit (if that is above the price)."
  if (leads && leader !== undefined && leader.bidderId !== bidderId && leader.limit > (before ?? 0))
    happen(auction, { type: "counter_bid", at, bidderId: leader.bidderId, figure: leader.limit });
  // "Its amount if it has no maximum; with one, the price if it leads, else all of its limit."
  const shown = body.maxAmount === undefined ? limit : leads ? price : limit;
  happen(auction, { type: "bid_accepted", at, bidderId, figure: shown });
  // "A leader who holds bids the new price."
  if (!leads) happen(auction, { type: "counter_bid", at, bidderId: leader?.bidderId ?? null, figure: price });
  extend(auction, terms, at);
  return { leading: leads };
}

/** "The leader names a higher maximum alone: the limit rises, the price stands; not higher: `maximum_not_raised`." */
function raise(
  auction: NaiveAuction,
  terms: English,
  { bidderId }: Bid,
  { limit, leaderLimit, at }: { limit: number; leaderLimit: number; at: number },
): Verdict {
  if (limit <= leaderLimit) return { reason: "maximum_not_raised" };
  auction.moves.push({ type: "bid", bidderId, at, maxAmount: limit, raise: true });
  happen(auction, {
    type: "maximum_raised",
    at,
    bidderId,
    figure: englishPrice(terms, auction.moves),
  });
  extend(auction, terms, at);
  return { leading: true };
}

function buyNow(auction: NaiveAuction, terms: English, bidderId: string, at: number): Verdict {
  const price = terms.buyNowPrice;
  if (price === undefined || !canBuyNow(terms, auction.moves)) return { reason: "buy_now_unavailable" };
  // It takes part in no contest: the order that it places is what it is.
  happen(auction, { type: "bought_now", at, bidderId, figure: price });
  shut(auction, at);
  happen(auction, { type: "auction_closed", at, bidderId, figure: price });
  return { detail: placeOrders(auction, "buy_now", [{ bidderId, quantity: 1, unitPrice: price }], at) };
}

/** "At or after `endsAt − windowMs` moves the end to max(`endsAt`, `at + extendMs`), at most `maxExtensions` times." */
function extend(auction: NaiveAuction, { softClose }: English, at: number): void {
  if (softClose === undefined || at < auction.endsAt - softClose.windowMs) return;
  const endsAt = Math.max(auction.endsAt, at + softClose.extendMs);
  const { maxExtensions = Infinity } = softClose;
  if (endsAt === auction.endsAt || auction.extensions >= maxExtensions) return;
  auction.endsAt = endsAt;
  auction.extensions++;
  happen(auction, { type: "auction_extended", at, figure: endsAt });
}

export interface Sale {
  readonly bidderId: string;
  readonly unitPrice: number;
}

/** "The leader at the end wins at the price, if it meets the reserve; else nobody." */
export function englishSale(terms: English, moves: readonly Move[]): Sale | null {
  const [leader] = standings(moves);
  if (leader === undefined || !reserveMet(terms, moves)) return null;
  return { bidderId: leader.bidderId, unitPrice: englishPrice(terms, moves) ?? 0 };
}

/** "The best standing of a bidder who has had no order and is not blocked, at its limit, if that meets the reserve." */
export function englishRunnerUp(
  terms: English,
  moves: readonly Move[],
  passedOver: (bidderId: string) => boolean,
): Sale | null {
  const next = standings(moves).find(({ bidderId }) => !passedOver(bidderId));
  if (next === undefined || next.limit < (terms.reservePrice ?? 0)) return null;
  return { bidderId: next.bidderId, unitPrice: next.limit };
}

/** "One line a bidder, the best 20: the leader at the price, the others at their limits." */
export function englishBoard(
  terms: English,
  moves: readonly Move[],
): { bidderId: string; amount: number; at: number }[] {
  return standings(moves)
    .slice(0, 20)
    .map(({ bidderId, limit, at }, place) => ({
      bidderId,
      amount: place === 0 ? (englishPrice(terms, moves) ?? 0) : limit,
      at,
    }));
}
