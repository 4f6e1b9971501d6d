import { LEADERBOARD_SIZE } from "../../shared/auctions.ts";
import type { AuctionOf, Winner } from "./auction.ts";
import { type Standing, withBidder } from "./bidder.ts";
import type { PlacedOrder } from "./events.ts";
import type { Format, Leader } from "./format.ts";
import { InvariantError } from "./invariant-error.ts";
import { type Ranked, ranking, rankingOfRunnersUp } from "./ranking.ts";
import { misfit } from "./rejection.ts";

/** A sealed auction's book: empty until the close, then the best bids, best first. */
export interface SealedBook {
  readonly revealed: readonly Leader[];
}

type Sealed = AuctionOf<"sealed">;

/** The least that anything can cost. What a lone bidder pays by the second price when there is no reserve. */
const LEAST_PRICE = 1;

const EMPTY: SealedBook = { revealed: [] };

/**
 * The sealed auction: each bidder has one bid, which may be revised until the end; nobody sees an amount before it. The
 * highest wins, of equal ones the earlier, and pays the own bid (`first`) or the second highest (`second`, Vickrey 1961),
 * at least the reserve. An accepted revision takes a new place in time, as if it were the first bid.
 */
export const sealed: Format<"sealed"> = {
  bidFields: ["amount"],
  endsAtMs: ({ endsAt }) => endsAt,
  initialBook: () => EMPTY,

  decideBid(_auction, { bidderId, body }, story) {
    if (body.amount === undefined) return misfit("amount");
    story.tell({ type: "sealed_bid", bidderId, amountMinor: body.amount, atMs: story.atMs });
    return {};
  },

  evolve(auction, event) {
    switch (event.type) {
      case "sealed_bid": {
        const { bidderId, amountMinor, atMs } = event;
        const standing: Standing = {
          maxMinor: amountMinor,
          floorMinor: amountMinor,
          order: auction.version,
          atMs,
        };
        const bidders = withBidder(auction.bidders, bidderId, { standing, bidAtMs: atMs });
        return { bidders, bidCount: auction.bidCount + 1 };
      }
      case "bids_retracted":
        return { bidders: withBidder(auction.bidders, event.bidderId, { standing: null }) };
      case "auction_closed": {
        const revealed = ranking(auction.bidders)
          .slice(0, LEADERBOARD_SIZE)
          .map(({ bidderId, maxMinor, atMs }) => ({ bidderId, amountMinor: maxMinor, atMs }));
        return { book: { revealed } };
      }
      case "orders_placed":
      case "orders_settled":
      case "bidder_blocked":
      case "auction_cancelled":
        return {};
      case "bid_accepted":
      case "counter_bid":
      case "maximum_raised":
      case "bought_now":
      case "price_dropped":
      case "waitlist_joined":
        throw new InvariantError(`${event.type} in a sealed auction`);
    }
  },

  nextStepMs: () => null,
  step() {
    throw new InvariantError("a sealed auction has no steps");
  },

  settle: (auction): Winner | null => winnerAmong(auction, ranking(auction.bidders)),
  reassign() {
    // A lot that comes back goes to nobody by itself: `settlement.ts` offers it to the runner-up.
  },

  /** As if those whom it was offered before had never bid. */
  runnerUp(auction): PlacedOrder | undefined {
    const winner = winnerAmong(auction, rankingOfRunnersUp(auction));
    return winner === null
      ? undefined
      : { bidderId: winner.bidderId, quantity: 1, unitPriceMinor: winner.priceMinor };
  },

  price: () => null,
  minimumBid: () => null,
  leaders: ({ book }) => book.revealed,
};

function winnerAmong({ terms }: Sealed, [first, second]: readonly Ranked[]): Winner | null {
  const reserve = terms.reservePrice ?? LEAST_PRICE;
  if (first === undefined || first.maxMinor < reserve) return null;
  const { bidderId } = first;
  if (terms.pricing === "first") return { bidderId, priceMinor: first.maxMinor };
  return { bidderId, priceMinor: Math.max(reserve, second?.maxMinor ?? LEAST_PRICE) };
}
