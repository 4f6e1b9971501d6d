import type { Redis } from "ioredis";
import type { AuctionState } from "../auction/auction.ts";
import { CoreError } from "../core-error.ts";
import type { Log } from "../log.ts";
import type { CoreMetrics } from "../telemetry.ts";
import { connectRedis } from "./connect-redis.ts";
import { createPendingAuctions, type PendingAuctions, type PendingWrite } from "./pending-auctions.ts";
import { eraseAuction, loadScript, writeAuction } from "./write-auction.ts";

export interface ProjectorDeps {
  readonly redisUrl: string;
  readonly metrics: CoreMetrics;
  readonly log: Log;
}

/** Writes committed auctions to the read model, behind the commits and never in their way. */
export interface Projector {
  /** The newest committed state of an auction that a commit touched. Returns at once; a later state replaces it. */
  project(auction: AuctionState): void;
  /** Writes what waits (within a deadline) and hangs up. */
  close(): Promise<void>;
}

/** Readers of the read model may be this much behind; the hot ones watch the feed. */
const FLUSH_EVERY_MS = 100;
/** Rendering one auction takes about 20 µs: a flush stays below 5 ms of the sequencer's thread. */
const MAX_FLUSH = 250;
/** States that wait while Redis is away: some 3 KB each. */
const MAX_STATES = 10_000;
/** Ids that wait when there are more auctions than that: some 100 bytes each. */
const MAX_IDS = 200_000;
/** A flush takes milliseconds; after this the connection is taken for dead. */
const FLUSH_TIMEOUT_MS = 2_000;
const MAX_BACKOFF_MS = 2_000;
const CLOSE_TIMEOUT_MS = 2_000;

interface Work extends ProjectorDeps {
  readonly redis: Redis;
  readonly pending: PendingAuctions;
}

export function createProjector(deps: ProjectorDeps): Projector {
  const redis = connectRedis(deps.redisUrl);
  const work: Work = { ...deps, redis, pending: createPendingAuctions({ states: MAX_STATES, ids: MAX_IDS }) };
  logConnection(redis, deps.log);
  let timer: NodeJS.Timeout | undefined;
  let flushing: Promise<void> | undefined;
  let nextFlushMs = 0;
  let failures = 0;
  let closed = false;

  const schedule = (): void => {
    if (closed || timer !== undefined || flushing !== undefined || work.pending.size === 0) return;
    timer = setTimeout(run, Math.max(0, nextFlushMs - Date.now()));
  };
  const run = (): void => {
    timer = undefined;
    // While Redis is away there is nothing to try: `ready` starts again.
    if (redis.status !== "ready") return;
    flushing = flush(work).then((written) => {
      failures = written ? 0 : failures + 1;
      nextFlushMs =
        Date.now() + (written ? FLUSH_EVERY_MS : Math.min(FLUSH_EVERY_MS * 2 ** failures, MAX_BACKOFF_MS));
      flushing = undefined;
      schedule();
    });
  };
  redis.on("ready", schedule);

  return {
    project(auction) {
      if (closed) return;
      const { lost } = work.pending;
      work.pending.put(auction);
      if (work.pending.lost > lost)
        deps.metrics.readModelErrors.add(work.pending.lost - lost, { reason: "overflow" });
      schedule();
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await flushing;
      await flushRest(work, Date.now() + CLOSE_TIMEOUT_MS);
      redis.disconnect();
    },
  };
}

/** Whether everything that was taken has been written; never rejects. */
async function flush({ redis, pending, metrics, log }: Work): Promise<boolean> {
  const writes = pending.take(MAX_FLUSH);
  try {
    const failed = await send(redis, writes);
    metrics.readModelWrites.add(writes.length - failed.length);
    if (failed.length === 0) return true;
    pending.putBack(failed.map(({ write }) => write));
    log.warn("the read model refused writes", { auctions: failed.length, error: failed[0]?.error });
  } catch (error) {
    pending.putBack(writes);
    log.warn("the read model was not written", { auctions: writes.length, error });
  }
  metrics.readModelErrors.add(1, { reason: "flush" });
  return false;
}

interface FailedWrite {
  readonly write: PendingWrite;
  readonly error: Error;
}

/** One pipeline, one round trip. Throws when no answer came; the connection is then a new one. */
async function send(redis: Redis, writes: readonly PendingWrite[]): Promise<FailedWrite[]> {
  const pipeline = redis.pipeline();
  loadScript(pipeline);
  /** For each command after the script, the write it belongs to. */
  const owners: PendingWrite[] = [];
  for (const write of writes) {
    if (write.auction === undefined) eraseAuction(pipeline, write.auctionId);
    else writeAuction(pipeline, write.auction);
    while (owners.length < pipeline.length - 1) owners.push(write);
  }
  const replies = await withinDeadline(pipeline.exec(), redis);
  const failed = new Map<string, FailedWrite>();
  owners.forEach((write, i) => {
    const error = replies?.[i + 1]?.[0];
    if (error) failed.set(write.auctionId, { write, error });
  });
  return [...failed.values()];
}

/** A server that hangs keeps its socket open: hang up, so that the next attempt does not queue behind this one. */
async function withinDeadline<T>(answer: Promise<T>, redis: Redis): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      redis.disconnect(true);
      reject(new CoreError(`Redis did not answer within ${FLUSH_TIMEOUT_MS} ms`, { retryable: true }));
    }, FLUSH_TIMEOUT_MS);
  });
  try {
    return await Promise.race([answer, expired]);
  } finally {
    clearTimeout(timer);
  }
}

async function flushRest(work: Work, untilMs: number): Promise<void> {
  while (work.pending.size > 0 && work.redis.status === "ready" && Date.now() < untilMs) {
    if (!(await flush(work))) break;
  }
  if (work.pending.size > 0) work.log.warn("the read model misses auctions", { auctions: work.pending.size });
}

/** Says once that Redis went away and once that it is back; an attempt a second in between would only be noise. */
function logConnection(redis: Redis, log: Log): void {
  let away = false;
  redis.on("error", (error: unknown) => {
    if (!away) log.warn("Redis is away", { error });
    away = true;
  });
  redis.on("ready", () => {
    if (away) log.info("Redis is back");
    away = false;
  });
}
