import type { CheckTotals } from "./check/checker.ts";
import type { FaultKind } from "./fault-plan.ts";
import { type DoneFault, isKill } from "./faults.ts";
import type { LoadFigures } from "./load/load-job.ts";
import type { KindRecovery } from "./recovery.ts";

/** The backlog is decided so soon after the last fault (I14). */
export const DRAIN_TARGET_MS = 10_000;

/**
 * A target that is missed is reported; one that is missed by more than this factor fails the run. In between a busy
 * machine cannot be told from a slow recovery.
 */
export const MISSED_BY_FAR = 2;

export interface ChaosRun {
  readonly seed: number;
  readonly startedMs: number;
  readonly endedMs: number;
  readonly faults: readonly DoneFault[];
  /** Parts that ended without being killed. */
  readonly deaths: readonly string[];
  /** From the end of the last fault until every slot had decided its log; null when that never came. */
  readonly drainMs: number | null;
  readonly load: LoadFigures;
  readonly checked: CheckTotals;
  readonly recovery: readonly KindRecovery[];
}

export interface ChaosSummary {
  readonly verdict: "passed" | "failed";
  readonly seed: number;
  readonly minutes: number;
  readonly bids: number;
  readonly kills: number;
  readonly stops: number;
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  readonly acknowledged: number;
  readonly lost: number;
  readonly doubled: number;
  readonly reordered: number;
  readonly late: number;
  readonly unequal: number;
  readonly oversold: number;
  readonly feed: number;
  readonly unanswered: number;
  readonly bidsPerSecond: number;
  readonly drainMs: number | null;
  readonly recovery: readonly KindRecovery[];
  readonly deaths: readonly string[];
  readonly load: Omit<LoadFigures, "retired" | "ended">;
  readonly checked: Omit<CheckTotals, "findings" | "counts">;
  /** Why it failed, in words. */
  readonly failures: readonly string[];
  /** Targets that were missed, but not by far. */
  readonly missed: readonly string[];
}

export function summarize(run: ChaosRun): ChaosSummary {
  const { counts, findings: _findings, ...checked } = run.checked;
  const { retired: _retired, ended: _ended, ...load } = run.load;
  const seconds = (run.endedMs - run.startedMs) / 1_000;
  const { failures, missed } = judge(run);
  const faults: Partial<Record<FaultKind, number>> = {};
  for (const { kind } of run.faults) faults[kind] = (faults[kind] ?? 0) + 1;
  const kills = run.faults.filter(({ kind }) => isKill(kind)).length;
  return {
    verdict: failures.length === 0 ? "passed" : "failed",
    seed: run.seed,
    minutes: Math.round(seconds / 6) / 10,
    bids: load.bids,
    kills,
    stops: run.faults.length - kills,
    faults,
    acknowledged: load.acknowledged,
    ...counts,
    unanswered: checked.unanswered,
    bidsPerSecond: Math.round(load.bids / seconds),
    drainMs: run.drainMs,
    recovery: run.recovery,
    deaths: run.deaths,
    load,
    checked,
    failures,
    missed,
  };
}

function judge(run: ChaosRun): { failures: string[]; missed: string[] } {
  const failures: string[] = [];
  const missed: string[] = [];
  for (const [word, count] of Object.entries(run.checked.counts))
    if (count > 0) failures.push(`${count} ${word}`);
  if (run.checked.unanswered > 0) failures.push(`${run.checked.unanswered} commands never got an outcome`);
  if (run.deaths.length > 0) failures.push(`ended by itself: ${run.deaths.join(", ")}`);
  if (run.checked.bids === 0) failures.push("no bid was decided, so nothing was checked");
  const against = (what: string, ms: number, targetMs: number): void => {
    const text = `${what} took ${(ms / 1_000).toFixed(1)} s, the target is ${targetMs / 1_000} s`;
    if (ms > targetMs * MISSED_BY_FAR) failures.push(text);
    else if (ms > targetMs) missed.push(text);
  };
  for (const { kind, maxMs, targetMs, unfinishedMs } of run.recovery) {
    if (targetMs === null) continue;
    against(`outcomes after ${kind}`, Math.max(maxMs ?? 0, unfinishedMs ?? 0), targetMs);
  }
  if (run.drainMs === null) failures.push("the backlog was never drained");
  else against("draining the backlog", run.drainMs, DRAIN_TARGET_MS);
  return { failures, missed };
}
