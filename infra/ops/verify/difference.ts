/** Where what is stored first differs from what the rules make of the log. */
export interface Difference {
  readonly table: "decision_log" | "auctions" | "bidders" | "orders" | "log";
  /** Which row: a sequence, an alias, an order's number; empty where the auction has one. */
  readonly row: string;
  readonly column: string;
  /** As they may be shown: bidders by alias, secrets not at all. */
  readonly expected: string;
  readonly found: string;
  /** What that usually means, where it helps. */
  readonly means?: string;
}

export function differenceInWords({ table, row, column, expected, found, means }: Difference): string {
  const where = row === "" ? table : `${table}, ${row}`;
  const why = means === undefined ? "" : ` (${means})`;
  return `${where}: ${column} should be ${expected} and is ${found}${why}`;
}

export interface PathDifference {
  /** Names and places from the root, joined by dots. */
  readonly path: string;
  readonly expected: unknown;
  readonly found: unknown;
}

/** The first place at which two values of JSON differ; the order of fields does not count. */
export function firstDifference(expected: unknown, found: unknown, path = ""): PathDifference | undefined {
  if (Object.is(expected, found)) return undefined;
  if (!isObject(expected) || !isObject(found)) return { path, expected, found };
  const names = new Set([...Object.keys(expected), ...Object.keys(found)]);
  for (const name of names) {
    const inner = path === "" ? name : `${path}.${name}`;
    const difference = firstDifference(expected[name], found[name], inner);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

/** Longer than any status, reason or id that an operator compares. */
const MAX_SHOWN = 120;

export const shownValue = (value: unknown): string =>
  value === undefined ? "missing" : JSON.stringify(value).slice(0, MAX_SHOWN);
