import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { renderAuction, renderLeaderboard } from "../../../core/auction/render.ts";
import { bidderAliasFor, bidIdFor } from "../../../shared/ids.ts";
import type { QueryKind } from "../../../shared/queries.ts";
import { alice, ALIAS_SALT, AUCTION_ID, bid, bob, create, START_MS } from "../../support/builders.ts";
import { decidedBids, livelyLog } from "./lively-log.ts";
import { type QueryCluster, startQueryCluster } from "./query-cluster.ts";

let cluster: QueryCluster;
beforeAll(async () => {
  cluster = await startQueryCluster();
}, 60_000);
afterAll(async () => cluster.close(), 30_000);
beforeEach(async () => cluster.empty());

describe("auction", () => {
  test("is the committed auction with its leaderboard", async () => {
    const log = await livelyLog(cluster);
    expect(await cluster.ask("auction", { auctionId: AUCTION_ID })).toEqual({
      ok: { auction: renderAuction(log.auction()), leaderboard: renderLeaderboard(log.auction()) },
    });
  });

  test("is null when nobody created it, even though a bid for it was decided", async () => {
    await cluster.log().append([bid(alice, 1_000)], START_MS);
    for (const kind of ["auction", "bids"] as const) {
      expect(await cluster.ask(kind, { auctionId: AUCTION_ID })).toEqual({ ok: null });
    }
    expect(await cluster.ask("bid", { auctionId: AUCTION_ID, bidId: "x" })).toEqual({ ok: null });
    expect(await cluster.ask("changes", { auctionId: AUCTION_ID, since: 0 })).toEqual({ ok: null });
  });

  test("waits for a version that is on its way", async () => {
    const log = cluster.log();
    await log.append([create()], START_MS);
    const answer = cluster.ask("auction", { auctionId: AUCTION_ID, minVersion: 2 });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await log.append([bid(alice, 1_000)], START_MS + 1);
    expect(await answer).toMatchObject({ ok: { auction: { version: 2, price: 1_000 } } });
  });

  test("answers after a second with the version that there is", async () => {
    await cluster.log().append([create()], START_MS);
    const startMs = performance.now();
    const answer = await cluster.ask("auction", { auctionId: AUCTION_ID, minVersion: 99 });
    expect(answer).toMatchObject({ ok: { auction: { version: 1 } } });
    expect(performance.now() - startMs).toBeGreaterThan(900);
  });
});

describe("bid", () => {
  test("is each bid's first outcome, however often its key was used", async () => {
    const log = await livelyLog(cluster);
    for (const { entry, seq, index } of decidedBids(log)) {
      expect(await cluster.ask("bid", { auctionId: AUCTION_ID, bidId: entry.bidId ?? "" })).toMatchObject({
        ok: {
          outcome: {
            kind: "bid",
            actorId: entry.actorId,
            key: entry.key,
            outcome: entry.outcome,
            seq,
            index,
          },
          bidder: bidderAliasFor(ALIAS_SALT, entry.actorId ?? ""),
          version: log.auction().version,
        },
      });
    }
  });

  test("is undecided while the log has nothing of it", async () => {
    const log = await livelyLog(cluster);
    for (const bidId of [bidIdFor(AUCTION_ID, alice, "never"), "", "*", "no-such-bid", "é".repeat(20)]) {
      expect(await cluster.ask("bid", { auctionId: AUCTION_ID, bidId })).toEqual({
        ok: { outcome: null, bidder: null, version: log.auction().version },
      });
    }
  });
});

describe("changes", () => {
  test("from any version on lead to the auction's own", async () => {
    const log = await livelyLog(cluster);
    const all = log.history().flatMap(({ result }) => result.events);
    const { version } = log.auction();
    expect(all).toHaveLength(version);
    for (let since = 0; since <= version + 1; since++) {
      expect(await cluster.ask("changes", { auctionId: AUCTION_ID, since })).toEqual({
        ok: { auction: renderAuction(log.auction()), events: all.slice(since) },
      });
    }
  });

  test("come oldest first when there are more than asked for, also from the middle of an envelope", async () => {
    const log = await livelyLog(cluster);
    const all = log.history().flatMap(({ result }) => result.events);
    for (const [since, limit] of [
      [0, 1],
      [1, 1],
      [1, 2],
      [2, 2],
    ] as const) {
      expect(await cluster.ask("changes", { auctionId: AUCTION_ID, since, limit })).toMatchObject({
        ok: { auction: { version: log.auction().version }, events: all.slice(since, since + limit) },
      });
    }
  });

  test("end at the auction's version while bids are being committed", async () => {
    const log = cluster.log();
    await log.append([create()], START_MS);
    let bidding = true;
    const bids = (async () => {
      for (let i = 0; bidding && i < 150; i++) {
        await log.append([bid(i % 2 ? alice : bob, 1_000 + i * 100)], START_MS + i);
      }
      bidding = false;
    })();
    let since = 0;
    try {
      while (bidding) {
        const answer = await cluster.ask("changes", { auctionId: AUCTION_ID, since });
        if (!("ok" in answer) || answer.ok === null) throw new Error("no answer");
        const { auction, events } = answer.ok;
        expect(events.map((event) => event.version)).toEqual(
          Array.from({ length: auction.version - since }, (_, i) => since + 1 + i),
        );
        since = auction.version;
      }
    } finally {
      bidding = false;
      await bids;
    }
    expect(since).toBeGreaterThan(1);
  });

  test("are left out when their log was archived", async () => {
    const log = await livelyLog(cluster);
    await cluster.home(AUCTION_ID).sql`delete from decision_log where seq <= 3`;
    expect(await cluster.ask("changes", { auctionId: AUCTION_ID, since: 0 })).toEqual({
      ok: { auction: renderAuction(log.auction()), events: [] },
    });
  });
});

describe("a query", () => {
  test.each<[QueryKind, string]>([
    ["auction", ""],
    ["auction", "{"],
    ["auction", "null"],
    ["auction", '{"auctionId":"a.b"}'],
    ["auction", '{"auctionId":"a","extra":1}'],
    ["auctions", '{"limit":0}'],
    ["bids", '{"auctionId":"a","limit":201}'],
    ["bids", '{"auctionId":"a","cursor":"eyJzZXEiOi0xLCJpbmRleCI6MH0"}'],
    ["changes", '{"auctionId":"a","since":-1}'],
  ])("%s with body %s is refused as invalid", async (kind, body) => {
    expect(await cluster.askRaw(kind, body)).toMatchObject({ error: { reason: "invalid_query" } });
  });

  test("beyond what the server can work on is refused at once, and the others are answered", async () => {
    await livelyLog(cluster);
    const requests = await cluster.home(AUCTION_ID).sql.begin(async (tx) => {
      await tx`lock table auctions in access exclusive mode`;
      const all = Array.from({ length: 200 }, () => cluster.ask("auction", { auctionId: AUCTION_ID }));
      const first = await Promise.race(all);
      expect(first).toMatchObject({ error: { reason: "unavailable" } });
      // Handed on in an object: a bare promise would be waited for while the table is still locked.
      return { all };
    });
    const answers = await Promise.all(requests.all);
    expect(answers.filter((answer) => "ok" in answer)).toHaveLength(128);
    expect(await cluster.ask("auction", { auctionId: AUCTION_ID })).toHaveProperty("ok");
  });

  test("is unavailable, with the cause in the log only, while no shard has the slot", async () => {
    const { sql } = cluster.home(AUCTION_ID);
    await sql`update slots set role = 'sealed'`;
    await cluster.topology.refresh();
    try {
      const answer = await cluster.ask("auction", { auctionId: AUCTION_ID });
      expect(answer).toEqual({
        error: { reason: "unavailable", detail: "the query could not be answered now" },
      });
      expect(cluster.logged.at(-1)).toContain("no shard has this auction's slot active");
    } finally {
      await sql`update slots set role = 'active'`;
      await cluster.topology.refresh();
    }
  });
});
