import { setTimeout as sleep } from "node:timers/promises";
import { findLots } from "../envelopes.ts";
import { type CaseFigures, rounded, roundedOrNull } from "../figures.ts";
import { type LogWriter, openLogWriter } from "../log-writer.ts";
import { openRecords } from "../records.ts";
import { type ProgressSample, throughputOf } from "../throughput.ts";
import { BIDS_PER_ENVELOPE, bidEnvelopes, openLots, wholeEnvelopes } from "./backlog.ts";
import { type StackCase, type StackContext, NOTHING_LOST } from "./case.ts";

const SELLER = "seller-drain";

/** A handful of hot auctions, each on a slot of its own, all on one shard. */
const LOTS = 8;

/** Fine against the seconds that a drain takes, and cheap: one small request to the broker. */
const POLL_MS = 20;

/** A core that publishes nothing for this long has stopped. */
const STALL_MS = 20_000;

/** Results are published after their commit, so the position is there when the last result is; it is checked, with a margin. */
const APPLIED_TIMEOUT_MS = 5_000;

/**
 * The sequencer alone: a backlog in the log, one core, from its first published result to its last. Every result
 * is one committed envelope, so published means decided and committed too.
 */
export const drain: StackCase = {
  name: "drain",
  about:
    "a backlog of envelopes of 20 bids on 8 hot auctions of one shard: decided, committed and published by one core",
  needs: "core",
  limitSeconds: ({ bids }) => 180 + bids / 5_000,
  bars: [{ figure: "rate", atLeast: 150_000, unit: "/s" }, ...NOTHING_LOST],
  run: runDrain,
};

async function runDrain({ stack, options, progress, signal }: StackContext): Promise<CaseFigures> {
  const core = await stack.ensureCore();
  const records = openRecords(stack.shardUrls);
  const log = await openLogWriter(stack.natsUrl);
  try {
    const shards = stack.shardUrls.length;
    // New clusters deal their slots to the shards in turn: these are the first shard's.
    const accepts = (slot: number): boolean => slot % shards === 0;
    const lots = findLots({
      sellerId: SELLER,
      count: LOTS,
      slots: stack.slots,
      accepts,
      distinctSlots: true,
    });
    await openLots(log, records, { sellerId: SELLER, all: lots });
    await stack.stopCores();
    const bids = wholeEnvelopes(options.bids);
    progress(`publishing ${bids.toLocaleString("en")} bids while no core runs`);
    const last = await log.publish(bidEnvelopes(lots, bids));
    progress("draining them");
    const startMs = performance.now();
    const before = await log.resultsPublished();
    const [samples] = await Promise.all([
      watch(log, { before, envelopes: bids / BIDS_PER_ENVELOPE, signal }),
      core.start(),
    ]);
    await records.applied(last, APPLIED_TIMEOUT_MS);
    progress("counting the rows");
    const counts = await records.bidsInTotal(lots.map((lot) => lot.auctionId));
    const { rate, rateAfterWarmUp } = throughputOf(samples, bids / BIDS_PER_ENVELOPE);
    const firstMs = samples.find(({ done }) => done > 0)?.atMs ?? startMs;
    return {
      rate: roundedOrNull(rate * BIDS_PER_ENVELOPE),
      p50_ms: null,
      p99_ms: null,
      lost: bids - counts.distinct,
      rate_after_warm_up: roundedOrNull(rateAfterWarmUp * BIDS_PER_ENVELOPE),
      bids,
      duplicates: counts.rows - counts.distinct,
      seconds_to_first_result: rounded((firstMs - startMs) / 1_000),
    };
  } finally {
    await log.close();
    await records.close();
  }
}

/** Samples how many results are out, until all are; throws when it stops growing. */
async function watch(
  log: LogWriter,
  plan: { before: number; envelopes: number; signal: AbortSignal },
): Promise<ProgressSample[]> {
  const samples: ProgressSample[] = [];
  let done = 0;
  let movedMs = performance.now();
  while (done < plan.envelopes) {
    plan.signal.throwIfAborted();
    const now = (await log.resultsPublished()) - plan.before;
    const atMs = performance.now();
    if (now > done) movedMs = atMs;
    else if (atMs - movedMs > STALL_MS)
      throw new Error(`the core stopped after ${done} of ${plan.envelopes} envelopes`);
    done = now;
    samples.push({ atMs, done });
    await sleep(POLL_MS);
  }
  return samples;
}
