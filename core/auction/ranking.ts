import type { Auction } from "./auction.ts";
import { type Bidders, isBetter, type Standing } from "./bidder.ts";

/** An offer that stands, and whose it is. */
export interface Ranked extends Standing {
  readonly bidderId: string;
}

/** Everything that stands, the best first. */
export function ranking(bidders: Bidders): Ranked[] {
  const ranked: Ranked[] = [];
  for (const [bidderId, { standing }] of bidders)
    if (standing !== null) ranked.push({ bidderId, ...standing });
  return ranked.sort((a, b) => (isBetter(a, b) ? -1 : 1));
}

/** What stands of those whom the lot may still be offered: not of the blocked, nor of who has had an order. */
export function rankingOfRunnersUp({ bidders, orders }: Auction): Ranked[] {
  const offered = new Set(orders.values().map((order) => order.bidderId));
  return ranking(bidders).filter(
    ({ bidderId }) => !offered.has(bidderId) && bidders.get(bidderId)?.blocked !== true,
  );
}
