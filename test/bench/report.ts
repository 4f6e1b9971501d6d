import type { CaseFigures, Verdict } from "./figures.ts";

export interface ReportedCase {
  readonly name: string;
  readonly figures: CaseFigures;
  readonly verdicts: readonly Verdict[];
}

const HEADER = ["case", "rate/s", "p50 ms", "p99 ms", "lost", "bar", ""];

/** The figures that every case has stand in columns; the others follow on a line of their own. */
const COLUMNS = ["rate", "p50_ms", "p99_ms", "lost"];

export function renderTable(cases: readonly ReportedCase[]): string {
  const rows = cases.flatMap(caseRows);
  const widths = HEADER.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i >= 1 && i <= 4 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join("  ")
      .trimEnd();
  const body = cases.flatMap((reported) => [
    ...caseRows(reported).map(line),
    ...extraLines(reported.figures),
  ]);
  return [line(HEADER), line(widths.map((width) => "─".repeat(width))), ...body, ""].join("\n");
}

/** A row for each bar worth showing; the figures stand in the first. */
function caseRows({ name, figures, verdicts }: ReportedCase): string[][] {
  const cells = COLUMNS.map((column) => numberText(figures[column]));
  const shown = verdicts.filter(({ bar, met }) => bar.mustHold !== true || !met);
  const bars = shown.map(({ bar, value, met }) => [
    barText(bar),
    `${met ? "met" : "MISSED"} (${numberText(value)})`,
  ]);
  const [first = ["", ""], ...others] = bars;
  return [[name, ...cells, ...first], ...others.map((bar) => ["", "", "", "", "", ...bar])];
}

function extraLines(figures: CaseFigures): string[] {
  const extras = Object.entries(figures).flatMap(([name, value]) => {
    if (COLUMNS.includes(name) || value === null) return [];
    if (typeof value !== "object")
      return [`${name} ${typeof value === "number" ? numberText(value) : value}`];
    const counts = Object.entries(value).map(([reason, count]) => `${reason} ${numberText(count)}`);
    return counts.length === 0 ? [] : [`${name}: ${counts.join(", ")}`];
  });
  return extras.length === 0 ? [] : [`    ${extras.join(" · ")}`];
}

function barText({ figure, atLeast, atMost, unit }: Verdict["bar"]): string {
  const [sign, limit] = atLeast === undefined ? ["≤", atMost] : ["≥", atLeast];
  return `${figure} ${sign} ${numberText(limit ?? null)}${unit}`;
}

function numberText(value: CaseFigures[string] | undefined): string {
  if (typeof value !== "number") return "–";
  return value.toLocaleString("en", { maximumFractionDigits: Math.abs(value) < 1_000 ? 2 : 0 });
}
