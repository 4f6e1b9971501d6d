import type { TermsOf } from "../../shared/terms.ts";
import type { AuctionOf, AuctionState } from "./auction.ts";
import type { Format } from "./format.ts";
import { InvariantError } from "./invariant-error.ts";
import { detailOf, ordersPlaced, unitsPlaced, unitsReturned } from "./order.ts";
import { misfit, rejected } from "./rejection.ts";

/** A descending auction's book: the step that the clock has reached, counted from 0, and the units left. */
export interface DutchBook {
  readonly step: number;
  readonly remaining: number;
}

type Dutch = AuctionOf<"dutch", AuctionState>;

/** Steps from the start price to the floor; the last one may be smaller. */
const lastStep = ({ startPrice, floorPrice, stepAmount }: TermsOf<"dutch">): number =>
  Math.ceil((startPrice - floorPrice) / stepAmount);

/** What a unit costs at a step, in minor units. */
export const priceAtStep = (terms: TermsOf<"dutch">, step: number): number =>
  Math.max(terms.floorPrice, terms.startPrice - step * terms.stepAmount);

/** When the price falls next, in ms since the epoch; null at the floor. */
export function nextPriceAtMs({ terms, startsAtMs, book }: Dutch): number | null {
  return book.step >= lastStep(terms) ? null : startsAtMs + (book.step + 1) * terms.stepMs;
}

/**
 * The descending auction: the price falls by the log's clock, one step every `stepMs` from the start, and stands at the
 * floor until the end. A bid's `amount` is the most that the bidder pays; at or above the clock's price it buys at
 * the clock's price (Aalsmeer's clock; a bid that was overtaken by a step pays the lower price).
 */
export const dutch: Format<"dutch"> = {
  bidFields: ["amount", "quantity", "partial"],
  endsAtMs(terms, startsAtMs) {
    const atFloorMs = startsAtMs + lastStep(terms) * terms.stepMs;
    return terms.endsAt ?? atFloorMs + (terms.graceMs ?? terms.stepMs);
  },
  initialBook: ({ units = 1 }) => ({ step: 0, remaining: units }),

  decideBid(auction, { bidderId, body }, story) {
    if (body.amount === undefined) return misfit("amount");
    const unitPrice = priceAtStep(auction.terms, auction.book.step);
    if (body.amount < unitPrice) return rejected("price_moved");
    const { remaining } = auction.book;
    const wanted = body.quantity ?? 1;
    if (wanted > remaining && body.partial === undefined) return rejected("not_enough_units", { remaining });
    const quantity = Math.min(wanted, remaining);
    const { atMs } = story;
    const placed = ordersPlaced(auction, "bid", [{ bidderId, quantity, unitPriceMinor: unitPrice }], atMs);
    story.tell(placed);
    if (quantity === remaining)
      story.tell({ type: "auction_closed", winnerId: null, priceMinor: null, atMs });
    return { detail: detailOf(auction, placed) };
  },

  evolve(auction, event) {
    switch (event.type) {
      case "price_dropped":
        return { book: { ...auction.book, step: event.step } };
      case "orders_placed": {
        const remaining = auction.book.remaining - unitsPlaced(event);
        if (remaining < 0) throw new InvariantError(`${-remaining} units more than there are`);
        return { bidCount: auction.bidCount + 1, book: { ...auction.book, remaining } };
      }
      case "orders_settled": {
        const remaining = auction.book.remaining + unitsReturned(auction, event);
        return { book: { ...auction.book, remaining } };
      }
      case "bidder_blocked":
      case "auction_closed":
      case "auction_cancelled":
        return {};
      case "bid_accepted":
      case "counter_bid":
      case "maximum_raised":
      case "bought_now":
      case "sealed_bid":
      case "waitlist_joined":
      case "bids_retracted":
        throw new InvariantError(`${event.type} in a dutch auction`);
    }
  },

  nextStepMs: nextPriceAtMs,

  /** One event however many steps were slept through: only the newest price can be bought at. */
  step({ terms, startsAtMs, endsAtMs }, story) {
    const clockMs = Math.min(story.atMs, endsAtMs) - startsAtMs;
    const step = Math.min(lastStep(terms), Math.floor(clockMs / terms.stepMs));
    story.tell({ type: "price_dropped", step, priceMinor: priceAtStep(terms, step), atMs: story.atMs });
  },

  settle: () => null,
  reassign() {
    // Units that come back while the clock runs are for sale again, at its price.
  },
  runnerUp: () => null,

  price: ({ terms, book }) => priceAtStep(terms, book.step),
  minimumBid: ({ terms, book }) => (book.remaining === 0 ? null : priceAtStep(terms, book.step)),
  leaders: () => [],
};
