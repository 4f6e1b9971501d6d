import type { BenchStack } from "../bench-stack.ts";
import type { Bar, CaseFigures } from "../figures.ts";
import type { BenchOptions } from "../options.ts";

export interface CaseContext {
  readonly stack: BenchStack;
  readonly options: BenchOptions;
  /** One line for whoever waits. */
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
}

export interface BenchCase {
  readonly name: string;
  /** One line of `--help`. */
  readonly about: string;
  /** Whether clients' traffic is part of it; the others do without an edge. */
  readonly needsEdge: boolean;
  /** The case is given up after this, so that a hung system does not hang the benchmark. */
  readonly limitSeconds: (options: BenchOptions) => number;
  readonly bars: readonly Bar[];
  run(context: CaseContext): Promise<CaseFigures>;
}

/** Of every case that bids: losing or doubling a bid is never a matter of speed. */
export const NOTHING_LOST: readonly Bar[] = [
  { figure: "lost", atMost: 0, unit: "", mustHold: true },
  { figure: "duplicates", atMost: 0, unit: "", mustHold: true },
];
