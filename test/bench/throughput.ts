/** How many units were done at a moment. */
export interface ProgressSample {
  readonly atMs: number;
  readonly done: number;
}

export interface Throughput {
  /** Units a second between the first sample with progress and the one that reached the end. */
  readonly rate: number;
  /** The same without the first fifth of the units, in which the runtime still compiles its hot code. */
  readonly rateAfterWarmUp: number;
}

const WARM_UP_SHARE = 0.2;

/**
 * What was done by the first sample with progress is left out of the count, as the time before it is: neither the
 * start of the process nor the poll interval flatters the rate.
 */
export function throughputOf(samples: readonly ProgressSample[], total: number): Throughput {
  const last = samples.find(({ done }) => done >= total);
  const first = samples.find(({ done }) => done > 0);
  const warm = samples.find(({ done }) => done >= total * WARM_UP_SHARE);
  if (last === undefined || first === undefined || warm === undefined)
    throw new Error("the work was not finished");
  return { rate: rateBetween(first, last), rateAfterWarmUp: rateBetween(warm, last) };
}

/** NaN when everything happened between two samples: too little work to measure. */
function rateBetween(from: ProgressSample, to: ProgressSample): number {
  return to.atMs > from.atMs ? ((to.done - from.done) / (to.atMs - from.atMs)) * 1_000 : Number.NaN;
}
