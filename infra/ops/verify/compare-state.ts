import { aliasFor } from "../../../core/auction/aliases.ts";
import type { Auction } from "../../../core/auction/auction.ts";
import { auctionColumns } from "../../../core/shards/commit.ts";
import { type Difference, firstDifference, shownValue } from "./difference.ts";
import type { StoredState } from "./stored-auction.ts";

/** Columns whose values anybody may see. Of the others a difference is named without its values. */
const OPEN_COLUMNS: ReadonlySet<string> = new Set([
  ..."slot month format status version currency price bid_count created_at ends_at next_deadline seq at chain".split(
    " ",
  ),
  ..."units quantity unitPriceMinor source status createdAtMs updatedAtMs expiresAtMs blocked bidAtMs number".split(
    " ",
  ),
]);

/** What of the rows beside the decisions is not what the replay ends with. */
export function compareState(
  auction: Auction | null,
  newest: { readonly seq: number; readonly atMs: number; readonly chain: string },
  stored: StoredState,
): Difference | undefined {
  if (auction === null || stored.row === undefined) {
    if (auction === null && stored.row === undefined) return undefined;
    const words = auction === null ? ["no row", "a row"] : ["a row", "no row"];
    return {
      table: "auctions",
      row: "",
      column: "the auction",
      expected: words[0] ?? "",
      found: words[1] ?? "",
    };
  }
  const alias = (id: string): string => aliasFor(auction.aliasSalt, id);
  const expected = auctionColumns({ auction, slot: stored.slot, ...newest });
  return (
    compareRow({ table: "auctions", row: "" }, { expected, found: stored.row, alias }) ??
    compareRows(
      { table: "bidders", name: (id: string) => alias(id), alias },
      new Map([...auction.bidders].map(([id, bidder]) => [id, bidder])),
      new Map(stored.bidders.map((bidder) => [bidder.id, bidder])),
    ) ??
    compareRows(
      { table: "orders", name: (number: number) => `number ${number}`, alias },
      new Map([...auction.orders].map(([number, order]) => [number, order])),
      new Map(stored.orders.map((order) => [order.number, order])),
    )
  );
}

interface Rows<K> {
  readonly table: Difference["table"];
  readonly name: (key: K) => string;
  readonly alias: (id: string) => string;
}

function compareRows<K>(
  { table, name, alias }: Rows<K>,
  expected: ReadonlyMap<K, object>,
  found: ReadonlyMap<K, object>,
): Difference | undefined {
  for (const key of new Set([...expected.keys(), ...found.keys()])) {
    const place = { table, row: name(key) };
    const [wanted, there] = [expected.get(key), found.get(key)];
    if (wanted === undefined) return { ...place, column: "the row", expected: "missing", found: "there" };
    if (there === undefined) return { ...place, column: "the row", expected: "there", found: "missing" };
    const difference = compareRow(place, { expected: wanted, found: there, alias });
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function compareRow(
  place: Pick<Difference, "table" | "row">,
  { expected, found, alias }: { expected: object; found: object; alias: (id: string) => string },
): Difference | undefined {
  const difference = firstDifference(JSON.parse(JSON.stringify(expected)), found);
  if (difference === undefined) return undefined;
  const { path: column } = difference;
  const shown = (value: unknown): string => {
    if (OPEN_COLUMNS.has(column)) return shownValue(value);
    if (typeof value === "string" && /(^|[._])(bidder|leader|seller|winner)_?[iI]d$/.test(column))
      return alias(value);
    return value === undefined || value === null ? shownValue(value) : "a value that is not shown";
  };
  return { ...place, column, expected: shown(difference.expected), found: shown(difference.found) };
}
