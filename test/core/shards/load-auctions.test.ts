import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Auction } from "../../../core/auction/auction.ts";
import { loadAuctions } from "../../../core/shards/load-auctions.ts";
import {
  alice,
  AUCTION_ID,
  bid,
  bob,
  carol,
  claim,
  create,
  dave,
  dropTerms,
  dutchTerms,
  manage,
  olga,
  orderId,
  proxyBid,
  RUN_MS,
  sam,
  sealedTerms,
  START_MS,
  tick,
} from "../../support/builders.ts";
import { type QueryCluster, startQueryCluster } from "../queries/query-cluster.ts";

let cluster: QueryCluster;
beforeAll(async () => {
  cluster = await startQueryCluster();
}, 60_000);
afterAll(async () => cluster.close(), 30_000);
beforeEach(async () => cluster.empty());

/** Each step is one envelope, and after each the rows must say what memory says. */
const stories: Record<string, [commands: unknown[], afterMs: number][]> = {
  english: [
    [[create({ reservePrice: 3_000, settlement: { payWithinMs: 1_000, secondChance: true } })], 0],
    [[proxyBid(alice, 2_500), bid(bob, 1_500), proxyBid(carol, 4_000)], 1],
    [[manage(olga, "operator", { action: "retract", bidId: "x", bidderId: alice, reason: "a typo" })], 2],
    [
      [
        manage(olga, "operator", { action: "block", bidderId: dave, reason: "has not paid" }),
        bid(dave, 9_000),
      ],
      3,
    ],
    [[proxyBid(alice, 3_500)], 4],
    [[tick], RUN_MS],
    [[tick], RUN_MS + 1_000],
    [[manage(sam, "seller", { action: "confirm", orderId: orderId(2) })], RUN_MS + 1_001],
  ],
  dutch: [
    [[create(dutchTerms({ units: 3 }))], 0],
    [[bid(alice, 1_000_000)], 1],
    [[manage(alice, "bidder", { action: "release", orderId: orderId(1) })], 2],
    [[tick], RUN_MS * 100],
  ],
  sealed: [
    [[create(sealedTerms())], 0],
    [[bid(alice, 500), bid(bob, 700)], 1],
    [[bid(alice, 900)], 2],
    [[tick], RUN_MS],
  ],
  drop: [
    [[create(dropTerms({ units: 2, holdMs: 1_000 }))], 0],
    [[claim(alice), claim(bob), claim(carol, { waitlist: true }), claim(dave, { waitlist: true })], 1],
    [[manage(bob, "bidder", { action: "release", orderId: orderId(2) })], 2],
    [[manage(olga, "operator", { action: "block", bidderId: dave, reason: "a bot" })], 3],
    [[tick], 1_500],
  ],
};

test.each(Object.entries(stories))(
  "an %s auction comes back from its rows as it was in memory (I1)",
  async (_format, story) => {
    const log = cluster.log();
    for (const [commands, afterMs] of story) {
      await log.append(commands, START_MS + afterMs);
      const [stored] = await loadAuctions(cluster.home(AUCTION_ID), [AUCTION_ID]);
      expect(plain(stored?.auction)).toEqual(plain(log.auction()));
    }
  },
);

/** Maps by their entries in one order; the rest as it is. */
function plain(auction: Auction | null | undefined): unknown {
  if (auction === null || auction === undefined) return auction;
  const { bidders, orders, queue, ...state } = auction;
  return {
    state,
    bidders: bidders.values().sort((a, b) => (a.id < b.id ? -1 : 1)),
    orders: orders.values().sort((a, b) => a.number - b.number),
    queue: [...queue].sort(([a], [b]) => a - b),
  };
}
