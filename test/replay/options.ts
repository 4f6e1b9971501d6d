import { parseArgs } from "node:util";

export interface ReplayOptions {
  readonly file: string;
  readonly json: boolean;
  /** A running stack's edge; undefined for a stack of the run's own. */
  readonly edge: string | undefined;
  /** Where that stack's development key lies; undefined for `npm start`'s. */
  readonly data: string | undefined;
}

export type ParsedOptions =
  | { readonly run: ReplayOptions }
  | { readonly help: true }
  | { readonly mistake: string };

export const DEFAULT_FILE = "../shared/data/ebay-bids.csv";

export function parseOptions(args: readonly string[]): ParsedOptions {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: "boolean", default: false },
        edge: { type: "string" },
        data: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    return { mistake: error instanceof Error ? error.message : String(error) };
  }
  const { values, positionals } = parsed;
  if (values.help) return { help: true };
  if (positionals.length > 1) return { mistake: "one file at a time" };
  const { edge, data, json } = values;
  if (edge !== undefined && !/^https?:\/\/\S+$/.test(edge)) return { mistake: "--edge takes a URL" };
  if (data !== undefined && edge === undefined) return { mistake: "--data belongs to --edge" };
  const file = positionals[0] ?? DEFAULT_FILE;
  return { run: { file, json, edge: edge?.replace(/\/+$/, ""), data } };
}
