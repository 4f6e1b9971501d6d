import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { bidderAliasFor } from "../../../shared/ids.ts";
import { alice, ALIAS_SALT, AUCTION_ID, bid, create, START_MS, tick } from "../../support/builders.ts";
import type { StoredLog } from "../../support/decision-log.ts";
import { decidedBids, livelyLog } from "./lively-log.ts";
import { type QueryCluster, startQueryCluster } from "./query-cluster.ts";

let cluster: QueryCluster;
beforeAll(async () => {
  cluster = await startQueryCluster();
}, 60_000);
afterAll(async () => cluster.close(), 30_000);
beforeEach(async () => cluster.empty());

describe("auctions", () => {
  /** Eleven auctions over both shards; ends and beginnings run in opposite order, with ties. */
  async function manyAuctions(): Promise<StoredLog[]> {
    const logs: StoredLog[] = [];
    for (let i = 0; i < 11; i++) {
      const log = cluster.log(`auction-${i}`);
      await log.append(
        [create({ endsAt: START_MS + 50_000 - Math.floor(i / 2) * 1_000 })],
        START_MS + Math.floor(i / 3),
      );
      logs.push(log);
    }
    await logs[3]?.append([tick], START_MS + 60_000);
    return logs;
  }

  async function allPages(request: object): Promise<string[]> {
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const answer = await cluster.ask("auctions", {
        limit: 2,
        ...request,
        ...(cursor !== undefined && { cursor }),
      });
      if (!("ok" in answer)) throw new Error(answer.error.detail);
      ids.push(...answer.ok.auctions.map(({ id }) => id));
      cursor = answer.ok.nextCursor;
    } while (cursor !== undefined);
    return ids;
  }

  const compare = (a: string | number, b: string | number): number => (a < b ? -1 : Number(a > b));

  test("of both shards come in one order, each on one page", async () => {
    const auctions = (await manyAuctions()).map((log) => log.auction());
    const ending = auctions.toSorted((a, b) => compare(a.endsAtMs, b.endsAtMs) || compare(a.id, b.id));
    expect(await allPages({ sort: "ending" })).toEqual(ending.map(({ id }) => id));
    const newest = auctions.toSorted((a, b) => compare(b.createdAtMs, a.createdAtMs) || compare(b.id, a.id));
    expect(await allPages({ sort: "newest" })).toEqual(newest.map(({ id }) => id));
    expect(new Set(auctions.map(({ id }) => cluster.topology.shardOf(id)?.number)).size).toBe(2);
  });

  test("can be asked for by status and format", async () => {
    await manyAuctions();
    expect(await allPages({ status: "closed" })).toEqual(["auction-3"]);
    expect(await allPages({ status: "open", format: "english", sort: "newest" })).toHaveLength(10);
    expect(await allPages({ status: "scheduled" })).toEqual([]);
  });

  test("leave out a shard's copy of a slot that is active elsewhere", async () => {
    await manyAuctions();
    const home = cluster.home("auction-3");
    const other = home === cluster.shards[0] ? cluster.shards[1] : cluster.shards[0];
    const [row] = await home.sql<{ copy: string }[]>`
      select row_to_json(a)::text as copy from auctions a where auction_id = 'auction-3'`;
    await other.sql`
      insert into auctions select * from json_populate_record(null::auctions, ${row?.copy ?? ""}::text::json)`;
    // As a copy that lags: without a look at the slots it would be the only scheduled auction.
    await other.sql`update auctions set status = 'scheduled' where auction_id = 'auction-3'`;
    for (const sort of ["ending", "newest"]) {
      expect(await allPages({ status: "scheduled", sort })).toEqual([]);
      expect(await allPages({ status: "closed", sort })).toEqual(["auction-3"]);
    }
  });

  test("refuse a cursor that is not theirs", async () => {
    await manyAuctions();
    const page = await cluster.ask("auctions", { limit: 1, sort: "ending" });
    const cursor = "ok" in page ? page.ok.nextCursor : undefined;
    const foreign = ["nonsense", "", Buffer.from('{"seq":1}').toString("base64url")];
    for (const request of [...foreign.map((text) => ({ cursor: text })), { sort: "newest", cursor }]) {
      expect(await cluster.ask("auctions", request)).toMatchObject({ error: { reason: "invalid_query" } });
    }
  });
});

describe("bids", () => {
  test.each([1, 2, 3, 50])("come newest first, each once, in pages of %i", async (limit) => {
    const log = await livelyLog(cluster);
    const seen: unknown[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const answer = await cluster.ask("bids", {
        auctionId: AUCTION_ID,
        limit,
        ...(cursor !== undefined && { cursor }),
      });
      if (!("ok" in answer) || answer.ok === null) throw new Error("no answer");
      expect(answer.ok.version).toBe(log.auction().version);
      seen.push(...answer.ok.bids);
      cursor = answer.ok.nextCursor;
      pages++;
    } while (cursor !== undefined);
    const expected = decidedBids(log).map(({ entry, ...position }) => ({
      bidId: entry.bidId,
      bidder: bidderAliasFor(ALIAS_SALT, entry.actorId ?? ""),
      amount: (entry.body as { amount: number }).amount,
      outcome: entry.outcome,
      ...(entry.reason !== undefined && { reason: entry.reason }),
      ...position,
    }));
    expect(expected).toHaveLength(6);
    expect(seen).toEqual(expected.toReversed());
    expect(pages).toBe(Math.ceil(6 / limit));
  });

  test("are found behind hundreds of envelopes that hold none", async () => {
    const log = cluster.log();
    await log.append([create()], START_MS);
    await log.append([bid(alice, 1_000)], START_MS + 1);
    for (let i = 0; i < 300; i++) await log.append([tick], START_MS + 2 + i);
    expect(await cluster.ask("bids", { auctionId: AUCTION_ID })).toMatchObject({
      ok: { bids: [{ amount: 1_000 }] },
    });
  });
});
