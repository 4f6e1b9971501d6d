/** What a case measured, as `--json` prints it. Null where a figure makes no sense for the case. */
export interface CaseFigures {
  /** A second. */
  readonly rate: number | null;
  readonly p50_ms: number | null;
  readonly p99_ms: number | null;
  /** Bids without an outcome where there should be one, or without their row in Postgres. */
  readonly lost: number | null;
  readonly [extra: string]: number | string | null | Readonly<Record<string, number>>;
}

/** A figure of DESIGN §7 or of the memory budget. Several may concern one case. */
export interface Bar {
  readonly figure: string;
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly unit: string;
  /** Correctness rather than speed: shown only when it is missed, and then it fails the run. */
  readonly mustHold?: true;
}

export interface Verdict {
  readonly bar: Bar;
  readonly value: number;
  readonly met: boolean;
}

/** Bars whose figure was not measured this time (a ratio to a case that did not run) give no verdict. */
export function judge(bars: readonly Bar[], figures: CaseFigures): Verdict[] {
  return bars.flatMap((bar) => {
    const value = figures[bar.figure];
    if (typeof value !== "number") return [];
    return [{ bar, value, met: value >= (bar.atLeast ?? -Infinity) && value <= (bar.atMost ?? Infinity) }];
  });
}

/** How many times faster than a lock on the row for each bid; for the cases of the same invocation. */
export function withRatios(figures: ReadonlyMap<string, CaseFigures>): Map<string, CaseFigures> {
  const all = new Map(figures);
  const rowlock = figures.get("rowlock");
  const baseline = rowlock?.rate;
  if (rowlock === undefined || baseline === undefined || baseline === null) return all;
  const ratio = (name: string): number | undefined => {
    const rate = figures.get(name)?.rate;
    return typeof rate === "number" ? rounded(rate / baseline) : undefined;
  };
  const [endToEnd, sequencer] = [ratio("websocket"), ratio("drain")];
  all.set("rowlock", {
    ...rowlock,
    ...(endToEnd === undefined ? {} : { end_to_end_x: endToEnd }),
    ...(sequencer === undefined ? {} : { sequencer_x: sequencer }),
  });
  return all;
}

/** Two decimals are more than these figures repeat to. */
export const rounded = (value: number): number => Math.round(value * 100) / 100;

export const roundedOrNull = (value: number | null): number | null =>
  value === null || Number.isNaN(value) ? null : rounded(value);
