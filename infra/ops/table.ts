export type Cell = string | number | null;

/** Rows as aligned columns under their names; numbers to the right. Missing values are shown as `-`. */
export function table(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cells = rows.map((row) => row.map((value) => (value === null ? "-" : String(value))));
  const widths = columns.map((name, i) => Math.max(name.length, ...cells.map((row) => row[i]?.length ?? 0)));
  const isNumber = columns.map((_, i) => rows.every((row) => typeof row[i] === "number" || row[i] === null));
  const line = (row: readonly string[]): string =>
    row
      .map((text, i) => (isNumber[i] ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0)))
      .join("  ")
      .trimEnd();
  return [line(columns), ...cells.map(line)].join("\n");
}
