import { type Summary, summaryOf, type Verdict } from "./verdict.ts";

const HEADER = ["auction", "item", "bids", "ours", "eBay", "naive", "why"];
/** Numbers are aligned to the right. */
const RIGHT = new Set(["bids", "ours", "eBay", "naive"]);

/** Every auction that did not close at eBay's price or not as the naive model does, and the summary. */
export function renderReport(verdicts: readonly Verdict[]): string {
  const deviations = verdicts.filter(({ why, parting }) => why !== undefined || parting !== undefined);
  const rows = deviations.map((verdict) => [
    verdict.auction,
    verdict.item,
    String(verdict.bids),
    dollars(verdict.oursCents),
    dollars(verdict.ebayCents),
    dollars(verdict.naiveCents),
    [verdict.parting, verdict.why].filter((text) => text !== undefined).join("; "),
  ]);
  const table = deviations.length === 0 ? [] : [...columns([HEADER, ...rows]), ""];
  return [...table, ...summaryLines(summaryOf(verdicts)), ""].join("\n");
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = HEADER.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, i) => {
        const width = widths[i] ?? 0;
        return RIGHT.has(HEADER[i] ?? "") ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  ")
      .trimEnd(),
  );
}

function summaryLines({ auctions, atEbaysPrice, unlikeNaive }: Summary): string[] {
  return [
    `closed at eBay's own price: ${atEbaysPrice} of ${auctions}`,
    `unlike the naive model, bid for bid: ${unlikeNaive} of ${auctions}`,
  ];
}

/** Cents without a float: the last two digits behind a point. */
function dollars(cents: number | null): string {
  if (cents === null) return "–";
  const digits = String(cents).padStart(3, "0");
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
