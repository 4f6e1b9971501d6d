import type { WireOutcome } from "../../../shared/results.ts";
import type { TermsOf } from "../../../shared/terms.ts";
import { dropClaims } from "../decide-mixes.ts";
import { AUCTION_LIFE_MS, type BenchLot, bidEnvelope, findLots } from "../envelopes.ts";
import { type CaseFigures, rounded } from "../figures.ts";
import { openLogWriter, type LotEnvelope } from "../log-writer.ts";
import { openRecords } from "../records.ts";
import { collectResults } from "../result-collector.ts";
import { BIDS_PER_ENVELOPE, openLots } from "./backlog.ts";
import { NOTHING_LOST, type StackCase, type StackContext } from "./case.ts";

const SELLER = "seller-drop";
const UNITS = 7_000;
const BIDDERS = 50_000;
const CLAIMS_EACH = 2;
const CLAIMS = BIDDERS * CLAIMS_EACH;

/** Nobody has paid by the end of the case, and nothing comes back. */
const HOLD_MS = 10 * 60 * 1_000;

/** Far above the bar: slow is reported, only stuck is given up. */
const LIMIT_SECONDS = 120;

const exactly = (figure: string, count: number) => ({
  figure,
  atLeast: count,
  atMost: count,
  unit: "",
  mustHold: true as const,
});

/** A limited edition opens: everybody claims at once, twice, with two keys. From the first envelope published to the last result seen. */
export const drop: StackCase = {
  name: "drop",
  about: "7,000 units and 50,000 bidders with two claims each, put straight into the log, to the last answer",
  needs: "core",
  limitSeconds: () => LIMIT_SECONDS,
  bars: [
    { figure: "seconds", atMost: 5, unit: " s" },
    exactly("sold", UNITS),
    exactly("buyers", UNITS),
    exactly("order_rows", UNITS),
    exactly("order_buyers", UNITS),
    ...NOTHING_LOST,
  ],
  run: runDrop,
};

async function runDrop({ stack, progress, signal }: StackContext): Promise<CaseFigures> {
  await stack.ensureCore();
  const records = openRecords(stack.shardUrls);
  const log = await openLogWriter(stack.natsUrl);
  try {
    const wish = { sellerId: SELLER, count: 1, slots: stack.slots, accepts: () => true, distinctSlots: true };
    const lots = findLots(wish);
    const [lot] = lots;
    if (lot === undefined) throw new Error("there is no lot");
    await openLots(log, records, { sellerId: SELLER, all: lots, terms: dropTerms() });
    const envelopes = claimEnvelopes(lot);
    const afterSeq = await log.resultsPublished();
    progress(`publishing ${CLAIMS.toLocaleString("en")} claims for ${UNITS.toLocaleString("en")} units`);
    const collecting = collectResults(stack.natsUrl, { lot, afterSeq, count: envelopes.length }, signal);
    const startMs = performance.now();
    const published = log.publish(envelopes).then(() => performance.now());
    const [{ results, lastMs }, publishedMs] = await Promise.all([collecting, published]);
    const seconds = (lastMs - startMs) / 1_000;
    progress("comparing with what Postgres has");
    const outcomes = results.flatMap((result) => result.outcomes.filter((outcome) => outcome !== null));
    const [bids, orders] = [
      await records.bidsInTotal([lot.auctionId]),
      await records.ordersInTotal(lot.auctionId),
    ];
    return {
      rate: rounded(CLAIMS / seconds),
      p50_ms: null,
      p99_ms: null,
      lost: CLAIMS - Math.min(bids.distinct, outcomes.length),
      seconds: rounded(seconds),
      seconds_to_publish: rounded((publishedMs - startMs) / 1_000),
      ...tallyOf(outcomes),
      order_rows: orders.rows,
      order_buyers: orders.buyers,
      duplicates: bids.rows - bids.distinct,
    };
  } finally {
    await log.close();
    await records.close();
  }
}

const dropTerms = (): TermsOf<"drop"> => ({
  format: "drop",
  title: "Benchmark drop",
  currency: "EUR",
  price: 9_900,
  units: UNITS,
  holdMs: HOLD_MS,
  endsAt: Date.now() + AUCTION_LIFE_MS,
});

function claimEnvelopes(lot: BenchLot): LotEnvelope[] {
  const claims = dropClaims(BIDDERS, CLAIMS_EACH);
  return Array.from({ length: CLAIMS / BIDS_PER_ENVELOPE }, (_, i) => {
    const some = claims.slice(i * BIDS_PER_ENVELOPE, (i + 1) * BIDS_PER_ENVELOPE);
    return { lot, envelope: bidEnvelope(some) };
  });
}

/** What the claimants were told. */
function tallyOf(outcomes: readonly WireOutcome[]): Record<string, number> {
  const accepted = outcomes.filter(({ outcome }) => outcome === "accepted");
  const refusedFor = (reason: string): number =>
    outcomes.filter((outcome) => outcome.reason === reason).length;
  return {
    sold: accepted.reduce((units, { detail }) => units + (detail?.quantity ?? 0), 0),
    buyers: new Set(accepted.map(({ actorId }) => actorId)).size,
    limit_reached: refusedFor("limit_reached"),
    sold_out: refusedFor("sold_out"),
  };
}
