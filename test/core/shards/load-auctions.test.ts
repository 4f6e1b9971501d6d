import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Auction } from "../../../core/auction/auction.ts";
import { fingerprintOf } from "../../../core/auction/identity.ts";
import { loadAuctions } from "../../../core/shards/load-auctions.ts";
import { loadDecisions } from "../../../core/shards/load-decisions.ts";
import { loadKeys } from "../../../core/shards/load-keys.ts";
import { bidIdFor } from "../../../shared/ids.ts";
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

test("an id whose every command was refused comes back with its clock and the head of its chain (I2)", async () => {
  const log = cluster.log();
  await log.append([bid(alice, 1_000)], START_MS);
  const { chain } = await log.append([bid(bob, 1_000)], START_MS + 5);
  const [stored, unknown] = await loadAuctions(cluster.home(AUCTION_ID), [AUCTION_ID, "unknown"]);
  expect(stored).toMatchObject({ auction: null, atMs: START_MS + 5, chain });
  expect(stored?.keys.map(({ seq }) => seq)).toEqual([1, 2]);
  expect(unknown).toMatchObject({ auctionId: "unknown", auction: null, atMs: 0, chain: "", keys: [] });
});

test("keys beyond an auction's first envelopes are read page by page, those without any are passed over (I9)", async () => {
  const log = cluster.log();
  const shard = cluster.home(AUCTION_ID);
  const taken: [seq: number, fingerprint: string][] = [];
  await log.append([create()], START_MS);
  taken.push([1, fingerprintOfId(AUCTION_ID)]);
  for (let seq = 2; seq <= 150; seq++) {
    const tells = seq % 10 === 0;
    const command = bid(bidder(seq), seq * 1_000, `k-${seq}`);
    await log.append([tells ? tick : command], START_MS + seq);
    if (!tells) taken.push([seq, fingerprintOfId(bidIdFor(AUCTION_ID, bidder(seq), `k-${seq}`))]);
  }
  const [stored] = await loadAuctions(shard, [AUCTION_ID]);
  const first = stored?.keys ?? [];
  expect(stored?.keysGoOn).toBe(true);
  const seen = first.map(({ seq, fingerprints }): [number, string] => [seq, hex(fingerprints)]);
  for (let more = true; more;) {
    const afterSeq = seen.at(-1)?.[0] ?? 0;
    const page = (await loadKeys(shard, [AUCTION_ID, "unknown"], { afterSeq, limit: 3 })).get(AUCTION_ID);
    const { seqs, lengths, fingerprints } = page ?? { seqs: [], lengths: [], fingerprints: new Uint8Array() };
    seqs.forEach((seq, i) => seen.push([seq, hex(fingerprints.subarray(i * 6, i * 6 + (lengths[i] ?? 0)))]));
    more = seqs.length > 0;
  }
  expect(seen).toEqual(taken);
});

test("a key is found in the range that may hold it, each envelope comes once, and other auctions' never", async () => {
  const log = cluster.log();
  await log.append([create()], START_MS);
  for (let seq = 2; seq <= 9; seq++)
    await log.append([bid(bidder(seq), seq * 1_000, "one"), bid(bidder(seq), seq * 1_100, "two")], START_MS);
  const wanted = (seq: number, key: string, range: readonly [number, number]) => ({
    auctionId: AUCTION_ID,
    fingerprint: fingerprintOf(bidIdFor(AUCTION_ID, bidder(seq), key)),
    seq: range[0],
    toSeq: range[1],
  });
  const load = async (...all: ReturnType<typeof wanted>[]) =>
    (await loadDecisions(cluster.home(AUCTION_ID), all)).map(({ seq }) => seq).sort((a, b) => a - b);
  expect(await load(wanted(4, "one", [1, 9]))).toEqual([4]);
  expect(await load(wanted(4, "one", [1, 9]), wanted(4, "two", [1, 9]), wanted(4, "two", [3, 5]))).toEqual([
    4,
  ]);
  expect(await load(wanted(2, "one", [1, 9]), wanted(9, "two", [1, 9]))).toEqual([2, 9]);
  expect(await load(wanted(4, "one", [5, 9]))).toEqual([]);
  expect(await load({ ...wanted(4, "one", [1, 9]), auctionId: "another" })).toEqual([]);
  const exact = await loadDecisions(cluster.home(AUCTION_ID), [{ auctionId: AUCTION_ID, seq: 3 }]);
  expect(exact.map(({ seq, entries }) => [seq, entries.length])).toEqual([[3, 2]]);
});

const bidder = (seq: number): string => `bidder-${seq}`;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const fingerprintOfId = (id: string): string => fingerprintOf(id).toString(16).padStart(12, "0");

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
