import type { AuctionView } from "../../shared/auctions.ts";
import { auctionKey } from "../../shared/read-model.ts";
import type { Env } from "../env.ts";
import { redisFor } from "../redis.ts";
import { count } from "../telemetry/counters.ts";

/** A cache that answers later than the database would is no cache. */
const READ_DEADLINE_MS = 150;
/** After a failure Redis is left alone for so long. */
const LEAVE_ALONE_MS = 2_000;

export interface ReadModel {
  /** The auction as the projector last wrote it; undefined on a miss, and whenever Redis fails or is slow. */
  auction(auctionId: string): Promise<AuctionView | undefined>;
}

export interface ReadModelDeps {
  /** The hash's `view` field; null on a miss. */
  readView(key: string): Promise<AuctionView | null>;
  now(): number;
  sleep(ms: number): Promise<void>;
}

export function createReadModel(deps: ReadModelDeps): ReadModel {
  let aloneUntil = 0;
  return {
    async auction(auctionId) {
      if (deps.now() < aloneUntil) return undefined;
      const reading = deps.readView(auctionKey(auctionId)).catch(() => "failed" as const);
      const view = await Promise.race([reading, deps.sleep(READ_DEADLINE_MS).then(() => "failed" as const)]);
      if (view === "failed" || (view !== null && view.id !== auctionId)) {
        count("read_model_fallback");
        aloneUntil = deps.now() + LEAVE_ALONE_MS;
        return undefined;
      }
      return view ?? undefined;
    },
  };
}

export function readModelFor(env: Env): ReadModel | undefined {
  const redis = redisFor(env, 2 * READ_DEADLINE_MS);
  if (redis === undefined) return undefined;
  return createReadModel({
    readView: (key) => redis.hget<AuctionView>(key, "view"),
    now: () => Date.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });
}
