import type { AuctionView } from "../../shared/auctions.ts";
import type { QueryReply } from "../../shared/queries.ts";

/** Whether it is worth asking the core at all: only a `closed` that this gateway has seen in the feed, never a clock. */
export function looksHopeless(view: AuctionView | undefined): boolean {
  return view?.status === "closed";
}

/**
 * Whether a bid on a closed auction may be refused here, after the core was asked for the key's outcome.
 *
 * Commands of an auction are decided in the log's order, so once the close is committed everything queued before it is
 * too: a key without an outcome at that version was not queued before the close, and after it every bid is late. A
 * key that has an outcome goes to the log, which compares the bodies and answers with the first outcome. Whenever the
 * core could not tell, the log shall.
 */
export function isHopeless(view: AuctionView | undefined, bid: QueryReply<"bid"> | undefined): boolean {
  if (view === undefined || !looksHopeless(view) || bid === undefined || bid === null) return false;
  return bid.outcome === null && bid.version >= view.version;
}
