import { runLoad } from "../child.ts";
import type { DecideMixName } from "../decide-mixes.ts";
import { type CaseFigures, rounded } from "../figures.ts";
import { decideReportSchema } from "../load/decide-job.ts";
import type { CaseContext, MemoryCase } from "./case.ts";

const WARM_UP_SECONDS = 2;
const WINDOWS = 5;
const WINDOW_SECONDS = 1;

/** A mix each: the warm-up, the windows, and making and playing through its bids. */
const SECONDS_PER_MIX = 60;

/** `plain` is the case's rate; the others stand beside it. */
const BESIDE = ["rising", "proxy", "sealed", "drop", "dutch"] as const satisfies readonly DecideMixName[];

/**
 * The rules alone: envelopes of 20 through `decideEnvelope` in memory, one thread of the core's runtime, keys included;
 * nothing is read from a log, stored or told. Each figure is the median of five windows of a second.
 */
export const decide: MemoryCase = {
  name: "decide",
  about: "deciding alone, in memory, one thread: plain bids, and rising, proxy, sealed, drop and dutch ones",
  needs: "memory",
  limitSeconds: () => (BESIDE.length + 1) * SECONDS_PER_MIX,
  bars: [
    { figure: "rate", atLeast: 1_000_000, unit: "/s" },
    { figure: "proxy", atLeast: 500_000, unit: "/s" },
  ],
  run: runDecide,
};

async function runDecide(context: CaseContext): Promise<CaseFigures> {
  const plain = await decideMix("plain", context);
  const beside: Record<string, number> = {};
  for (const mix of BESIDE) beside[mix] = (await decideMix(mix, context)).rate;
  return { rate: plain.rate, p50_ms: null, p99_ms: null, lost: null, ...beside, runtime: plain.runtime };
}

async function decideMix(
  mix: DecideMixName,
  { progress, signal }: CaseContext,
): Promise<{ rate: number; runtime: string }> {
  progress(`${mix} bids: ${WARM_UP_SECONDS} s of warm-up, ${WINDOWS} windows of ${WINDOW_SECONDS} s`);
  const job = { mix, warmUpSeconds: WARM_UP_SECONDS, windowSeconds: WINDOW_SECONDS, windows: WINDOWS };
  const report = await runLoad({ script: "decide-load.ts", job, report: decideReportSchema }, signal);
  const sorted = report.rates.toSorted((a, b) => a - b);
  return { rate: rounded(sorted[Math.floor(WINDOWS / 2)] ?? 0), runtime: report.runtime };
}
