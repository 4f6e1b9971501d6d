import { parseArgs } from "node:util";

export interface ChaosOptions {
  readonly minutes: number;
  readonly seed: number;
  /** The run also goes on until so many bids were sent. */
  readonly bids: number | undefined;
  readonly json: boolean;
  /** Leaves the data folder of a run that has passed, too. */
  readonly keep: boolean;
}

export type ParsedOptions =
  | { readonly run: ChaosOptions }
  | { readonly help: true }
  | { readonly mistake: string };

const DEFAULT_MINUTES = 5;
/** A day. */
const MOST_MINUTES = 1_440;
const MOST_SEED = 4_294_967_295;
/** What was told of more would fill the disk of a small machine. */
const MOST_BIDS = 20_000_000;

export function parseOptions(args: readonly string[], anySeed: () => number): ParsedOptions {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        minutes: { type: "string" },
        seed: { type: "string" },
        bids: { type: "string" },
        json: { type: "boolean", default: false },
        keep: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    }));
  } catch (error) {
    return { mistake: error instanceof Error ? error.message : String(error) };
  }
  if (values.help) return { help: true };
  const minutes = Number(values.minutes ?? DEFAULT_MINUTES);
  if (!(minutes > 0 && minutes <= MOST_MINUTES)) return { mistake: `--minutes takes up to ${MOST_MINUTES}` };
  const seed = values.seed === undefined ? anySeed() : Number(values.seed);
  if (!(Number.isInteger(seed) && seed >= 0 && seed <= MOST_SEED))
    return { mistake: `--seed takes 0 to ${MOST_SEED}` };
  const bids = values.bids === undefined ? undefined : Number(values.bids);
  if (bids !== undefined && !(Number.isInteger(bids) && bids > 0 && bids <= MOST_BIDS))
    return { mistake: `--bids takes 1 to ${MOST_BIDS}` };
  return { run: { minutes, seed, bids, json: values.json, keep: values.keep } };
}
