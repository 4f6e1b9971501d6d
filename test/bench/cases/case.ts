import type { BenchStack } from "../bench-stack.ts";
import type { Bar, CaseFigures } from "../figures.ts";
import type { BenchOptions } from "../options.ts";

export interface CaseContext {
  readonly options: BenchOptions;
  /** One line for whoever waits. */
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
}

export interface StackContext extends CaseContext {
  readonly stack: BenchStack;
}

interface Case<Needs, Context> {
  readonly name: string;
  /** One line of `--help`. */
  readonly about: string;
  /** What is started for it: nothing, the servers and a core, or clients' traffic's edge too. */
  readonly needs: Needs;
  /** The case is given up after this, so that a hung system does not hang the benchmark. */
  readonly limitSeconds: (options: BenchOptions) => number;
  readonly bars: readonly Bar[];
  run(context: Context): Promise<CaseFigures>;
}

export type MemoryCase = Case<"memory", CaseContext>;
export type StackCase = Case<"core" | "edge", StackContext>;
export type BenchCase = MemoryCase | StackCase;

/** Of every case that bids: losing or doubling a bid is never a matter of speed. */
export const NOTHING_LOST: readonly Bar[] = [
  { figure: "lost", atMost: 0, unit: "", mustHold: true },
  { figure: "duplicates", atMost: 0, unit: "", mustHold: true },
];
