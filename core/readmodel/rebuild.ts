import type { Redis } from "ioredis";
import { auctionKey, ENDING_SOON_KEY, leaderboardKey } from "../../shared/read-model.ts";
import type { AuctionState } from "../auction/auction.ts";
import { CoreError } from "../core-error.ts";
import type { Shard } from "../shards/connect.ts";
import { connectRedis } from "./connect-redis.ts";
import { CLOSED_TTL_SECONDS, loadScript, writeAuction } from "./write-auction.ts";

/** Auctions read and written at a time. */
const PAGE = 500;
/** Keys that one SCAN step looks at. */
const SCAN_COUNT = 1_000;
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Throws the read model away and writes it again from Postgres; returns how many auctions were written. May run while the
 * cluster works: readers that miss ask the core, and a projector that is ahead of this keeps its newer version.
 */
export async function rebuildReadModel(
  shards: readonly Shard[],
  redisUrl: string,
): Promise<{ auctions: number }> {
  const redis = connectRedis(redisUrl);
  try {
    await ready(redis);
    await erase(redis);
    let auctions = 0;
    for (const shard of shards) {
      for await (const page of livePages(shard, Date.now())) {
        await write(redis, page);
        auctions += page.length;
      }
    }
    return { auctions };
  } finally {
    redis.disconnect();
  }
}

async function ready(redis: Redis): Promise<void> {
  let last: unknown;
  redis.on("error", (error: unknown) => {
    last = error;
  });
  const deadlineMs = Date.now() + CONNECT_TIMEOUT_MS;
  while (redis.status !== "ready") {
    if (Date.now() > deadlineMs)
      throw new CoreError("Redis does not answer", { retryable: true, cause: last });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function erase(redis: Redis): Promise<void> {
  for (const match of [auctionKey("*"), leaderboardKey("*")]) {
    let cursor = "0";
    do {
      const [next, keys] = await redis.scan(cursor, "MATCH", match, "COUNT", SCAN_COUNT);
      if (keys.length > 0) await redis.unlink(...keys);
      cursor = next;
    } while (cursor !== "0");
  }
  await redis.unlink(ENDING_SOON_KEY);
}

/** What the read model would hold now: auctions that run or will run, and those closed within their time to live. */
async function* livePages({ sql }: Shard, nowMs: number): AsyncGenerator<AuctionState[]> {
  const closedSinceMs = nowMs - CLOSED_TTL_SECONDS * 1_000;
  let after = "";
  for (;;) {
    const rows = await sql<{ state: AuctionState }[]>`
      select state from auctions
      where auction_id > ${after} and (status in ('scheduled', 'open') or at > ${closedSinceMs})
        and slot = any (array(select slot from slots where role = 'active'))
      order by auction_id limit ${PAGE}`;
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.state.id;
    yield rows.map((row) => row.state);
  }
}

async function write(redis: Redis, auctions: readonly AuctionState[]): Promise<void> {
  const pipeline = redis.pipeline();
  loadScript(pipeline);
  for (const auction of auctions) writeAuction(pipeline, auction);
  const failed = (await pipeline.exec())?.find(([error]) => error !== null);
  if (failed?.[0]) throw new CoreError("Redis refused a write", { retryable: true, cause: failed[0] });
}
