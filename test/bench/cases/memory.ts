import { setTimeout as sleep } from "node:timers/promises";
import { findLots } from "../envelopes.ts";
import { type CaseFigures, rounded } from "../figures.ts";
import { openLogWriter } from "../log-writer.ts";
import { openRecords } from "../records.ts";
import { residentMb } from "../resident-memory.ts";
import { bidEnvelopes, openLots, wholeEnvelopes } from "./backlog.ts";
import { type StackCase, type StackContext, NOTHING_LOST } from "./case.ts";

const SELLER = "seller-memory";
const LOTS = 1_000;
const SAMPLE_MS = 250;

/** Publishing is bound by the broker's fsync; the core has this long to catch up once it has ended. */
const CATCH_UP_TIMEOUT_MS = 120_000;

/** Lets the last batches and what was collected lazily go; no collection is forced. */
const SETTLE_MS = 3_000;

/** What one core holds after a million bids on a thousand auctions, all of them still open. */
export const memory: StackCase = {
  name: "memory",
  about:
    "one new core's resident memory after a million bids on 1,000 open auctions, put straight into the log",
  needs: "core",
  limitSeconds: ({ bids }) => 240 + bids / 5_000,
  bars: [{ figure: "rss_mb", atMost: 400, unit: " MB" }, ...NOTHING_LOST],
  run: runMemory,
};

async function runMemory({ stack, options, progress, signal }: StackContext): Promise<CaseFigures> {
  await stack.stopCores();
  const core = await stack.ensureCore();
  const records = openRecords(stack.shardUrls);
  const log = await openLogWriter(stack.natsUrl);
  const done = new AbortController();
  try {
    const { pid } = core;
    if (pid === null) throw new Error("the core is not a process of ours");
    const lots = findLots({
      sellerId: SELLER,
      count: LOTS,
      slots: stack.slots,
      accepts: () => true,
      distinctSlots: false,
    });
    await openLots(log, records, { sellerId: SELLER, all: lots });
    const rssAtStart = await residentMb(pid);
    const bids = wholeEnvelopes(options.bids);
    progress(`publishing ${bids.toLocaleString("en")} bids on ${LOTS} auctions while the core decides them`);
    const peak = peakOf(pid, AbortSignal.any([signal, done.signal]));
    const startMs = performance.now();
    await records.applied(await log.publish(bidEnvelopes(lots, bids)), CATCH_UP_TIMEOUT_MS);
    const seconds = (performance.now() - startMs) / 1_000;
    await sleep(SETTLE_MS);
    const rss = await residentMb(pid);
    done.abort();
    const counts = await records.bidsInTotal(lots.map((lot) => lot.auctionId));
    return {
      rate: rounded(bids / seconds),
      p50_ms: null,
      p99_ms: null,
      lost: bids - counts.distinct,
      rss_mb: rounded(rss),
      peak_rss_mb: rounded(Math.max(rss, await peak)),
      rss_at_start_mb: rounded(rssAtStart),
      bids,
      duplicates: counts.rows - counts.distinct,
    };
  } finally {
    done.abort();
    await log.close();
    await records.close();
  }
}

async function peakOf(pid: number, until: AbortSignal): Promise<number> {
  let peak = 0;
  while (!until.aborted) {
    peak = Math.max(peak, await residentMb(pid).catch(() => 0)); // The process may have ended; the case then fails elsewhere.
    await sleep(SAMPLE_MS);
  }
  return peak;
}
