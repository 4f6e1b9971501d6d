import type { AuctionView } from "../../shared/auctions.ts";
import { bidIdFor } from "../../shared/ids.ts";
import type { QueryReply } from "../../shared/queries.ts";
import { CoreUnavailableError, type CoreQueries } from "../reading/core-queries.ts";

/** What the log says to every bid on an auction that is over. */
export type HopelessReason = "auction_closed" | "auction_cancelled";

export interface HopelessCheck {
  /** Whether it is worth asking the core at all: only an end that was seen in the feed, never a clock. */
  looks(): boolean;
  /** Why the bid may be refused here, after the core was asked for its key. Never rejects: in doubt the log decides. */
  reason(bidder: string, key: string): Promise<HopelessReason | undefined>;
}

export interface HopelessCheckDeps {
  auctionId: string;
  queries: CoreQueries;
  view(): AuctionView | undefined;
}

export function createHopelessCheck(deps: HopelessCheckDeps): HopelessCheck {
  return {
    looks: () => overBy(deps.view()) !== undefined,
    async reason(bidder, key) {
      try {
        const bidId = bidIdFor(deps.auctionId, bidder, key);
        const known = await deps.queries.ask("bid", { auctionId: deps.auctionId, bidId });
        return hopelessReason(deps.view(), known);
      } catch (error) {
        if (!(error instanceof CoreUnavailableError))
          console.error(
            JSON.stringify({ level: "error", msg: "a key could not be looked up", error: String(error) }),
          );
        return undefined;
      }
    },
  };
}

/**
 * Whether a bid on an auction that is over may be refused here, after the core was asked for the key's outcome.
 *
 * Commands of an auction are decided in the log's order, so once the end is committed everything queued before it is
 * too: a key without an outcome at that version was not queued before the end, and after it every bid of every format
 * is refused, waitlist or not. A key that has an outcome goes to the log, which compares the bodies and answers with the
 * first outcome. Whenever the core could not tell, the log shall.
 */
export function hopelessReason(
  view: AuctionView | undefined,
  bid: QueryReply<"bid">,
): HopelessReason | undefined {
  const reason = overBy(view);
  if (reason === undefined || view === undefined || bid === null) return undefined;
  return bid.outcome === null && bid.version >= view.version ? reason : undefined;
}

function overBy(view: AuctionView | undefined): HopelessReason | undefined {
  if (view?.status === "closed") return "auction_closed";
  return view?.status === "cancelled" ? "auction_cancelled" : undefined;
}
