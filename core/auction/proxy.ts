import type { TermsOf } from "../../shared/terms.ts";
import type { Standing } from "./bidder.ts";
import { incrementAt } from "./increment.ts";

/**
 * The price at which the leader leads: the least that is needed, never more than the own maximum. It follows from what
 * stands alone, not from the way there (only a maximum that the leader raises alone does not move it): one step above the runner-up's maximum (exactly the leader's maximum when that
 * is less than a step above), at least the start price and what the leader has named openly, and the reserve as soon
 * as the leader's maximum meets it. (eBay, "How bidding works: automatic bidding"; the data of eBay itself in
 * test/integration/replay.test.ts.)
 */
export function proxyPrice(
  terms: TermsOf<"english">,
  leader: Standing,
  runnerUp: Standing | undefined,
): number {
  let price = Math.max(terms.startPrice, leader.floorMinor);
  if (runnerUp !== undefined) {
    const needed = runnerUp.maxMinor + incrementAt(terms.increment, runnerUp.maxMinor);
    price = Math.max(price, Math.min(leader.maxMinor, needed));
  }
  const { reservePrice } = terms;
  return reservePrice !== undefined && leader.maxMinor >= reservePrice
    ? Math.max(price, reservePrice)
    : price;
}
