import { parseArgs } from "node:util";

export interface BenchOptions {
  readonly cases: readonly string[];
  readonly json: boolean;
  /** Seconds measured by each case that runs for a time, after its warm-up. */
  readonly seconds: number;
  /** Bids of each case that runs for an amount of work. */
  readonly bids: number;
  /** Where the run's data goes; undefined for the system's temporary folder. */
  readonly data: string | undefined;
}

export type ParsedOptions =
  | { readonly run: BenchOptions }
  | { readonly help: true }
  | { readonly mistake: string };

export const DEFAULT_SECONDS = 10;
export const DEFAULT_BIDS = 1_000_000;

/** Longer or larger would outlast the cases' own time limits, or the disk of a small machine. */
export const MOST_SECONDS = 120;
export const MOST_BIDS = 5_000_000;

export function parseOptions(args: readonly string[], known: readonly string[]): ParsedOptions {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: "boolean", default: false },
        seconds: { type: "string" },
        bids: { type: "string" },
        data: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    return { mistake: error instanceof Error ? error.message : String(error) };
  }
  const { values, positionals } = parsed;
  if (values.help) return { help: true };
  const stranger = positionals.find((name) => !known.includes(name));
  if (stranger !== undefined)
    return { mistake: `there is no case "${stranger}"; there are: ${known.join(", ")}` };
  const seconds = Number(values.seconds ?? DEFAULT_SECONDS);
  if (!(seconds >= 1 && seconds <= MOST_SECONDS)) return { mistake: `--seconds takes 1 to ${MOST_SECONDS}` };
  const bids = Number(values.bids ?? DEFAULT_BIDS);
  if (!(Number.isInteger(bids) && bids >= 1_000 && bids <= MOST_BIDS))
    return { mistake: `--bids takes 1000 to ${MOST_BIDS}` };
  const cases = positionals.length === 0 ? known : known.filter((name) => positionals.includes(name));
  return { run: { cases, json: values.json, seconds, bids, data: values.data } };
}
