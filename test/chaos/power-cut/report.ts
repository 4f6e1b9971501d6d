import type { Round } from "./round.ts";
import { CONFIGURATIONS } from "./configurations.ts";

/** The rounds of one configuration together. */
export interface Row {
  readonly configuration: string;
  readonly durable: boolean;
  readonly cuts: number;
  readonly queued: number;
  readonly queuedLost: number;
  readonly accepted: number;
  readonly acceptedLost: number;
  readonly moved: number;
  readonly doubled: number;
  readonly undecided: number;
  readonly notes: readonly string[];
  /** Durable: nothing lost, moved, doubled or left undecided. A control: the check saw losses in the log and in Postgres. */
  readonly asExpected: boolean;
}

const COUNTS = ["queued", "queuedLost", "accepted", "acceptedLost", "moved", "doubled"] as const;

export function rowsOf(rounds: readonly Round[]): Row[] {
  return CONFIGURATIONS.flatMap(({ name, durable }) => {
    const own = rounds.filter(({ configuration }) => configuration === name);
    if (own.length === 0) return [];
    const [queued, queuedLost, accepted, acceptedLost, moved, doubled] = COUNTS.map((count) =>
      own.reduce((sum, round) => sum + round[count], 0),
    ) as [number, number, number, number, number, number];
    const undecided = own.reduce((sum, round) => sum + (round.undecided ?? 0), 0);
    const notes = own.flatMap((round) => round.notes);
    const kept = queuedLost + acceptedLost + moved + doubled + undecided + notes.length === 0;
    const asExpected = durable ? kept : queuedLost > 0 && acceptedLost > 0;
    const counts = { queued, queuedLost, accepted, acceptedLost, moved, doubled, undecided };
    return [{ configuration: name, durable, cuts: own.length, ...counts, notes, asExpected }];
  });
}

const HEADER = [
  "configuration",
  "cuts",
  "queued",
  "lost",
  "accepted",
  "lost",
  "moved",
  "doubled",
  "undecided",
  "",
];

/** As Markdown, so that it can stand in a text as it is. */
export function renderRows(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.configuration,
    ...[row.cuts, row.queued, row.queuedLost, row.accepted, row.acceptedLost, row.moved, row.doubled].map(
      figure,
    ),
    row.durable ? figure(row.undecided) : "-",
    verdictOf(row),
  ]);
  const widths = HEADER.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i]?.length ?? 0)));
  const line = (texts: readonly string[]): string =>
    `| ${texts.map((text, i) => (isFigure(i) ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0))).join(" | ")} |`;
  const rule = widths.map((width, i) => (isFigure(i) ? `${"-".repeat(width - 1)}:` : "-".repeat(width)));
  return [line(HEADER), line(rule), ...cells.map(line)].join("\n");
}

const isFigure = (column: number): boolean => column > 0 && column < HEADER.length - 1;
const figure = (value: number): string => value.toLocaleString("en");

function verdictOf({ durable, asExpected }: Row): string {
  if (durable) return asExpected ? "kept its word" : "BROKE ITS WORD";
  return asExpected ? "control: loses, and is seen to" : "CONTROL FAILED: no loss was seen";
}
