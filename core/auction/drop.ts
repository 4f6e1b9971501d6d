import type { OutcomeDetail } from "../../shared/outcomes.ts";
import type { AuctionOf } from "./auction.ts";
import { bidderOf, unitsWaited, withBidder } from "./bidder.ts";
import type { Format } from "./format.ts";
import { InvariantError } from "./invariant-error.ts";
import { detailOf, ordersPlaced, unitsPlaced, unitsReturned } from "./order.ts";
import { rejected } from "./rejection.ts";
import type { Story } from "./story.ts";
import {
  EMPTY_WAITLIST,
  serveWaitlist,
  type WaitlistBook,
  withJoined,
  withoutWaiting,
  withServed,
} from "./waitlist.ts";

/** A drop's book: units that nobody has, and the waitlist. While somebody waits, nothing remains. */
export interface DropBook extends WaitlistBook {
  readonly remaining: number;
}

type Drop = AuctionOf<"drop">;

/** Units that one bidder may hold, have bought and wait for together. A limited edition is one to a customer unless it says otherwise. */
export const perBidder = ({ terms }: Pick<Drop, "terms">): number => terms.perBidder ?? 1;

/**
 * The limited edition: a fixed price, exactly `units` of them, first come first served in the order of the log. A bid takes
 * `quantity` units or none; with `partial` what there is; with `waitlist` what there is, and the rest as it comes back.
 */
export const drop: Format<"drop"> = {
  bidFields: ["quantity", "partial", "waitlist"],
  endsAtMs: ({ endsAt }) => endsAt,
  initialBook: ({ units }) => ({ ...EMPTY_WAITLIST, remaining: units }),

  decideBid(auction, { bidderId, body }, story) {
    const quantity = body.quantity ?? 1;
    const limit = perBidder(auction);
    const bidder = bidderOf(auction.bidders, bidderId);
    if (bidder.units + unitsWaited(bidder) + quantity > limit) return rejected("limit_reached", { limit });
    const { remaining } = auction.book;
    if (remaining < quantity && body.waitlist === undefined) {
      if (remaining === 0) return rejected("sold_out", { waitlist: true });
      if (body.partial === undefined) return rejected("not_enough_units", { remaining });
    }
    return { detail: take(auction, { bidderId, quantity, wait: body.waitlist === true }, story) };
  },

  evolve(auction, event) {
    switch (event.type) {
      case "waitlist_joined": {
        const { book, ...joined } = withJoined(auction, event);
        const bidders = withBidder(joined.bidders, event.bidderId, { bidAtMs: event.atMs });
        const bidCount = auction.bidCount + (event.restOfBid === true ? 0 : 1);
        return { ...joined, bidders, bidCount, book: { ...auction.book, ...book } };
      }
      case "orders_placed": {
        const remaining = auction.book.remaining - unitsPlaced(event);
        if (remaining < 0) throw new InvariantError(`${-remaining} units more than there are`);
        if (event.source === "waitlist") {
          const { book, ...served } = withServed(auction, event.orders);
          return { ...served, book: { ...book, remaining } };
        }
        return { bidCount: auction.bidCount + 1, book: { ...auction.book, remaining } };
      }
      case "orders_settled": {
        const remaining = auction.book.remaining + unitsReturned(auction, event);
        return { book: { ...auction.book, remaining } };
      }
      case "bidder_blocked": {
        if (!event.blocked) return {};
        const { book, ...rest } = withoutWaiting(auction, event.bidderId);
        return { ...rest, book: { ...auction.book, ...book } };
      }
      case "auction_closed":
      case "auction_cancelled":
        return {};
      case "bid_accepted":
      case "counter_bid":
      case "maximum_raised":
      case "bought_now":
      case "sealed_bid":
      case "price_dropped":
      case "bids_retracted":
        throw new InvariantError(`${event.type} in a drop`);
    }
  },

  nextStepMs: () => null,
  step() {
    throw new InvariantError("a drop has no steps");
  },
  settle: () => null,
  /** The waitlist outlives the end: a unit that is given up afterwards still finds whoever waits for it. */
  reassign: serveWaitlist,
  runnerUp: () => null,

  price: ({ terms }) => terms.price,
  minimumBid: () => null,
  leaders: () => [],
};

function take(
  auction: Drop,
  claim: { bidderId: string; quantity: number; wait: boolean },
  story: Story,
): OutcomeDetail {
  const { bidderId, quantity, wait } = claim;
  const { remaining, tail: place } = auction.book;
  const unitPrice = auction.terms.price;
  const detail: OutcomeDetail = {};
  const taken = Math.min(quantity, remaining);
  if (taken > 0) {
    const placed = ordersPlaced(
      auction,
      "bid",
      [{ bidderId, quantity: taken, unitPriceMinor: unitPrice }],
      story.atMs,
    );
    story.tell(placed);
    Object.assign(detail, detailOf(auction, placed));
  }
  const waiting = quantity - taken;
  if (waiting > 0 && wait) {
    const rest = taken > 0 ? { restOfBid: true as const } : {};
    story.tell({ type: "waitlist_joined", bidderId, place, quantity: waiting, ...rest, atMs: story.atMs });
    const own = unitsWaited(bidderOf(auction.bidders, bidderId));
    Object.assign(detail, { waiting: own + waiting, waitingBefore: auction.book.waiting - own });
  }
  return detail;
}
