import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { Auction } from "../../../core/auction/auction.ts";
import { renderAuction, renderLeaderboard } from "../../../core/auction/render.ts";
import { createLog } from "../../../core/log.ts";
import { createProjector, type Projector } from "../../../core/readmodel/projector.ts";
import { rebuildReadModel } from "../../../core/readmodel/rebuild.ts";
import { connectShard, type Shard } from "../../../core/shards/connect.ts";
import { migrateShards } from "../../../core/shards/migrate.ts";
import { createPartitions } from "../../../core/shards/partitions.ts";
import { createCoreMetrics } from "../../../core/telemetry/core-metrics.ts";
import { startStack } from "../../../infra/local/stack.ts";
import type { RunningStack } from "../../../infra/local/stack-types.ts";
import { auctionKey, ENDING_SOON_KEY, leaderboardKey } from "../../../shared/read-model.ts";
import { slotOf } from "../../../shared/slots.ts";
import { auctionLog } from "../../support/auction-log.ts";
import { alice, AUCTION_ID, bid, bob, create, RUN_MS, START_MS, tick } from "../../support/builders.ts";
import { storedLog } from "../../support/decision-log.ts";

const SLOTS = 8;
let data: string;
let stack: RunningStack;
let redis: Redis;
let projector: Projector;
let logged: string[];
const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
const metrics = createCoreMetrics(new MeterProvider({ readers: [reader] }).getMeter("test"));

beforeAll(async () => {
  data = await mkdtemp(path.join(tmpdir(), "lastcall-readmodel-"));
  stack = await startStack({ data, serversOnly: true });
  redis = new Redis(stack.redis.url, { retryStrategy: () => 50 });
  redis.on("error", () => {});
}, 60_000);
afterAll(async () => {
  redis.disconnect();
  await stack.stop();
  await rm(data, { recursive: true, force: true });
}, 30_000);
beforeEach(async () => {
  await redis.flushall();
  logged = [];
  projector = startProjector();
});
afterEach(async () => projector.close());

const startProjector = (): Projector =>
  createProjector({ redisUrl: stack.redis.url, metrics, log: createLog({}, (line) => logged.push(line)) });

/** The states of an auction through its life: created, two bids, closed. */
function life(): readonly [Auction, Auction, Auction, Auction] {
  const log = auctionLog();
  const envelopes = [[create()], [bid(alice, 1_000)], [bid(bob, 1_500)], [tick]];
  const states = envelopes.map(
    (commands, i) => log.append(commands, START_MS + (i === 3 ? RUN_MS : i)).decision.auction,
  );
  return states as [Auction, Auction, Auction, Auction];
}

async function counted(name: string): Promise<number> {
  await reader.forceFlush();
  const newest = exporter.getMetrics().at(-1);
  const points = newest?.scopeMetrics
    .flatMap((scope) => scope.metrics)
    .find((metric) => metric.descriptor.name === name);
  return (points?.dataPoints ?? []).reduce((sum, point) => sum + Number(point.value), 0);
}

const written = (version: number, id = AUCTION_ID) =>
  vi.waitFor(async () => expect(Number(await redis.hget(auctionKey(id), "version"))).toBe(version), {
    timeout: 8_000,
    interval: 20,
  });

test("an open auction is there with its view, its leaderboard and its end", async () => {
  const [, , bids] = life();
  projector.project(bids);
  await written(3);
  expect(JSON.parse((await redis.hget(auctionKey(AUCTION_ID), "view")) ?? "")).toEqual(renderAuction(bids));
  const [first, second] = renderLeaderboard(bids);
  expect(await redis.zrevrange(leaderboardKey(AUCTION_ID), 0, -1, "WITHSCORES")).toEqual([
    first?.bidder,
    String(first?.amount),
    second?.bidder,
    String(second?.amount),
  ]);
  expect(await redis.zrange(ENDING_SOON_KEY, 0, -1, "WITHSCORES")).toEqual([
    AUCTION_ID,
    String(START_MS + RUN_MS),
  ]);
  expect(await redis.ttl(auctionKey(AUCTION_ID))).toBe(-1);
});

test("a closed auction leaves the index and expires within the hour", async () => {
  const [, , bids, closed] = life();
  projector.project(bids);
  await written(3);
  projector.project(closed);
  // The close, and the winner's order.
  await written(5);
  expect(await redis.zcard(ENDING_SOON_KEY)).toBe(0);
  for (const key of [auctionKey(AUCTION_ID), leaderboardKey(AUCTION_ID)]) {
    expect(await redis.ttl(key)).toBeGreaterThan(3_500);
    expect(await redis.ttl(key)).toBeLessThanOrEqual(3_600);
  }
});

test("a slow former owner does not overwrite what its successor has written", async () => {
  const [created, , bids] = life();
  projector.project(bids);
  await written(3);
  const former = startProjector();
  const before = await counted("lastcall_read_model_writes_total");
  former.project(created);
  await vi.waitFor(async () =>
    expect(await counted("lastcall_read_model_writes_total")).toBeGreaterThan(before),
  );
  await former.close();
  await written(3);
  expect(await redis.zcard(leaderboardKey(AUCTION_ID))).toBe(2);
});

test("a thousand states of one auction within a moment are a handful of writes", async () => {
  const [created] = life();
  projector.project(created);
  await written(1);
  const before = await counted("lastcall_read_model_writes_total");
  for (let version = 2; version <= 1_000; version++) {
    projector.project({ ...created, version });
    if (version % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await written(1_000);
  expect((await counted("lastcall_read_model_writes_total")) - before).toBeLessThanOrEqual(5);
});

test("what waits is written before the end", async () => {
  const [created, oneBid] = life();
  projector.project(created);
  await written(1);
  projector.project(oneBid);
  await projector.close();
  await written(2);
});

test("after Redis was away and has lost everything, the newest states are there again", async () => {
  const [created, oneBid, bids] = life();
  projector.project(created);
  await written(1);
  await stack.redis.stop();
  projector.project(oneBid);
  for (let i = 0; i < 600; i++) projector.project({ ...created, id: `other-${i}` });
  await new Promise((resolve) => setTimeout(resolve, 300));
  projector.project(bids);
  await stack.redis.start();
  await written(3);
  await written(1, "other-599");
  expect(logged.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(
    expect.arrayContaining(["Redis is away", "Redis is back"]),
  );
}, 20_000);

test("a Redis that hangs in the middle of a write gets it afterwards", async () => {
  const [created, oneBid] = life();
  projector.project(created);
  await written(1);
  const errors = await counted("lastcall_read_model_errors_total");
  await stack.redis.kill("SIGSTOP");
  projector.project(oneBid);
  await vi.waitFor(
    async () => expect(await counted("lastcall_read_model_errors_total")).toBeGreaterThan(errors),
    4_000,
  );
  await stack.redis.kill("SIGCONT");
  await written(2);
}, 20_000);

test("a Redis that refuses writes is asked again", async () => {
  const [created] = life();
  await redis.config("SET", "maxmemory", "1");
  const errors = await counted("lastcall_read_model_errors_total");
  projector.project(created);
  await vi.waitFor(
    async () => expect(await counted("lastcall_read_model_errors_total")).toBeGreaterThan(errors),
    4_000,
  );
  await redis.config("SET", "maxmemory", "0");
  await written(1);
});

test("a rebuild makes the read model what Postgres says, whatever was in it", async () => {
  const { shards: urls } = stack.info;
  await migrateShards(urls, { slots: SLOTS });
  const shards: Shard[] = urls.map(connectShard);
  try {
    await createPartitions((shards[0] as Shard).sql, START_MS);
    await createPartitions((shards[1] as Shard).sql, START_MS);
    const closed: string[] = [];
    for (let i = 0; i < 12; i++) {
      const log = storedLog(shards[slotOf(`lot-${i}`, SLOTS) % 2] as Shard, {
        slots: SLOTS,
        auctionId: `lot-${i}`,
      });
      await log.append([create()], START_MS);
      await log.append([bid(alice, 1_000)], START_MS + 1);
      if (i % 4 !== 0) continue;
      await log.append([tick], START_MS + RUN_MS);
      closed.push(log.auctionId);
    }
    // Closed long ago: nobody will ask.
    await (shards[slotOf("lot-8", SLOTS) % 2] as Shard)
      .sql`update auctions set at = 1 where auction_id = 'lot-8'`;
    await redis.hset(auctionKey("ghost"), "version", 1);
    await redis.hset(auctionKey("lot-1"), "version", 999);
    await redis.zadd(ENDING_SOON_KEY, 1, "ghost");
    expect(await rebuildReadModel(shards, stack.redis.url)).toEqual({ auctions: 11 });
    expect(await redis.exists(auctionKey("ghost"), auctionKey("lot-8"))).toBe(0);
    await written(2, "lot-1");
    await written(4, "lot-4");
    expect((await redis.zrange(ENDING_SOON_KEY, 0, -1)).length).toBe(12 - closed.length);
  } finally {
    await Promise.all(shards.map(({ sql }) => sql.end()));
  }
});
