import type { FaultKind } from "./fault-plan.ts";
import type { DoneFault } from "./faults.ts";
import type { ToldCommand } from "./told.ts";

/** From when a pause counts: a part that others stand in for, from the fault; any other, from when it served again. */
const FROM_FAULT: readonly FaultKind[] = ["core-kill", "core-nap", "core-coma", "redis-kill", "redis-stop"];

/** What is promised. */
const TARGET_MS: Partial<Record<FaultKind, number>> = {
  "core-kill": 3_000,
  "nats-kill": 10_000,
  "postgres-kill": 10_000,
};

export interface KindRecovery {
  readonly kind: FaultKind;
  readonly faults: number;
  /** Faults that are in the figures: no other at the same time, and outcomes were back before the next one. */
  readonly measured: number;
  readonly p50Ms: number | null;
  readonly maxMs: number | null;
  /** Faults after which some auction had no outcome before the next fault began; their pause is at least `unfinishedMs`. */
  readonly unfinished: number;
  readonly unfinishedMs: number | null;
  readonly targetMs: number | null;
}

export interface RecoveryMeter {
  /** The commands of one auction. */
  add(told: readonly ToldCommand[]): void;
  report(): KindRecovery[];
}

/**
 * How long each fault left an auction without outcomes: for every auction that was bid on, the time to the first one that
 * came after; of all auctions the longest.
 */
export function recoveryMeter(faults: readonly DoneFault[]): RecoveryMeter {
  const measured = faults.map((fault, place) => {
    const fromMs = FROM_FAULT.includes(fault.kind) ? fault.injectedMs : fault.restoredMs;
    const next = faults.slice(place + 1).find(({ injectedMs }) => injectedMs > fault.restoredMs);
    return {
      fault,
      fromMs,
      untilMs: next?.injectedMs ?? Number.POSITIVE_INFINITY,
      longestMs: -1,
      unfinishedMs: -1,
    };
  });
  return {
    add(told) {
      // A creation that a fault has held up says when bidding began, not when it went on.
      const bids = told.filter(({ kind }) => kind === "bid");
      const times = bids
        .flatMap(({ answers, refusal }) => (answers[0] ?? refusal)?.gotMs ?? [])
        .sort((a, b) => a - b);
      const firstMs = bids.reduce((least, { firstSentMs }) => Math.min(least, firstSentMs), Infinity);
      for (const one of measured) {
        // An auction that nobody bid on at that time says nothing.
        if (firstMs > one.fromMs) continue;
        const back = times[firstAbove(times, one.fromMs)];
        if (back === undefined) continue;
        if (back <= one.untilMs) one.longestMs = Math.max(one.longestMs, back - one.fromMs);
        else one.unfinishedMs = Math.max(one.unfinishedMs, one.untilMs - one.fromMs);
      }
    },
    report() {
      const kinds = [...new Set(faults.map(({ kind }) => kind))].sort();
      return kinds.map((kind): KindRecovery => {
        const own = measured.filter(({ fault }) => fault.kind === kind);
        const alone = own.filter(({ fault }) => fault.beside === null);
        const unfinished = alone.filter(({ unfinishedMs }) => unfinishedMs >= 0);
        const pauses = alone
          .filter(({ unfinishedMs, longestMs }) => unfinishedMs < 0 && longestMs >= 0)
          .map(({ longestMs }) => longestMs)
          .sort((a, b) => a - b);
        return {
          kind,
          faults: own.length,
          measured: pauses.length,
          p50Ms: pauses[Math.floor((pauses.length - 1) / 2)] ?? null,
          maxMs: pauses.at(-1) ?? null,
          unfinished: unfinished.length,
          unfinishedMs:
            unfinished.length === 0 ? null : Math.max(...unfinished.map((one) => one.unfinishedMs)),
          targetMs: TARGET_MS[kind] ?? null,
        };
      });
    },
  };
}

/** The place of the first time after `ms`, in ascending times. */
function firstAbove(times: readonly number[], ms: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) > ms) high = middle;
    else low = middle + 1;
  }
  return low;
}
