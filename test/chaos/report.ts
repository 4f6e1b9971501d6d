import type { ChaosSummary } from "./summary.ts";

const count = (value: number): string => value.toLocaleString("en");
const seconds = (ms: number | null): string => (ms === null ? "–" : (ms / 1_000).toFixed(1));

/** The summary for people. */
export function renderSummary(summary: ChaosSummary): string {
  const { lost, doubled, reordered, late, unequal, oversold, feed, unanswered, load, checked } = summary;
  const lines = [
    `${summary.verdict.toUpperCase()}: seed ${summary.seed}, ${summary.minutes} minutes, ${count(summary.bids)} bids ` +
      `(${count(summary.bidsPerSecond)}/s), ${count(summary.kills)} kills, ${count(summary.stops)} stops`,
    `acknowledged ${count(summary.acknowledged)} · lost ${lost} · doubled ${doubled} · reordered ${reordered} · late ${late}`,
    `unequal ${unequal} · oversold ${oversold} · feed ${feed} · unanswered ${unanswered}`,
    `checked: ${count(checked.auctions)} auctions (${count(checked.closed)} over, ${count(checked.drops)} drops), ` +
      `${count(checked.messages)} messages, ${count(checked.bids)} bids, ${count(checked.frames)} frames of the feed`,
    `clients: ${count(load.retries)} attempts again, ${count(load.socketsLost)} sockets lost, ` +
      `${count(load.silent)} sent again after silence, ${count(checked.snapshots)} feeds resumed with a snapshot, ` +
      `${count(checked.queuedAfterAll)} refused as too late while the log still held them`,
    `backlog drained ${seconds(summary.drainMs)} s after the last fault`,
    "",
    ...table(summary),
    ...summary.missed.map((text) => `missed: ${text}`),
    ...summary.failures.map((text) => `FAILED: ${text}`),
  ];
  return `${lines.join("\n")}\n`;
}

const HEADER = [
  "fault",
  "times",
  "measured",
  "resumed p50 s",
  "max s",
  "target s",
  "not before the next fault",
];

function table({ recovery }: ChaosSummary): string[] {
  const rows = recovery.map((one) => [
    one.kind,
    count(one.faults),
    count(one.measured),
    seconds(one.p50Ms),
    seconds(one.maxMs),
    seconds(one.targetMs),
    one.unfinished === 0 ? "" : `${one.unfinished} (at least ${seconds(one.unfinishedMs)} s)`,
  ]);
  const widths = HEADER.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join("  ")
      .trimEnd();
  return [line(HEADER), line(widths.map((width) => "─".repeat(width))), ...rows.map(line), ""];
}
