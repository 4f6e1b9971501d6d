import { expect, test } from "vitest";
import { type Bar, type CaseFigures, judge, withRatios } from "./figures.ts";
import { renderTable } from "./report.ts";

const websocket: CaseFigures = {
  rate: 25_000,
  p50_ms: 31.5,
  p99_ms: 60,
  lost: 0,
  refused: { overloaded: 3 },
};
const rowlock: CaseFigures = { rate: 1_000, p50_ms: 90, p99_ms: 140, lost: 0 };
const bars: Bar[] = [
  { figure: "rate", atLeast: 20_000, unit: "/s" },
  { figure: "lost", atMost: 0, unit: "", mustHold: true },
];

test("a bar is met at its limit and missed beyond it", () => {
  expect(judge(bars, { ...websocket, rate: 20_000 }).map(({ met }) => met)).toEqual([true, true]);
  expect(judge(bars, { ...websocket, rate: 19_999, lost: 1 }).map(({ met }) => met)).toEqual([false, false]);
});

test("a bar on a figure that was not measured gives no verdict", () => {
  expect(judge([{ figure: "sequencer_x", atLeast: 100, unit: "×" }], rowlock)).toEqual([]);
  expect(judge([{ figure: "rate", atLeast: 1, unit: "" }], { ...rowlock, rate: null })).toEqual([]);
});

test("the row lock's ratios are those to the cases of the same run", () => {
  const both = withRatios(
    new Map([
      ["websocket", websocket],
      ["rowlock", rowlock],
    ]),
  );
  expect(both.get("rowlock")).toEqual({ ...rowlock, end_to_end_x: 25 });
  const alone = withRatios(new Map([["rowlock", rowlock]]));
  expect(alone.get("rowlock")).toEqual(rowlock);
});

test("the table shows each figure, its bars with met or missed, and the extra figures below", () => {
  const losing = { ...websocket, rate: 19_000, lost: 2 };
  const table = renderTable([
    { name: "websocket", figures: websocket, verdicts: judge(bars, websocket) },
    { name: "spread", figures: losing, verdicts: judge(bars, losing) },
    { name: "open", figures: { ...websocket, rate: null }, verdicts: [] },
  ]);
  expect(table.split("\n").slice(2)).toEqual([
    "websocket  25,000    31.5      60     0  rate ≥ 20,000/s  met (25,000)",
    "    refused: overloaded 3",
    "spread     19,000    31.5      60     2  rate ≥ 20,000/s  MISSED (19,000)",
    "                                         lost ≤ 0         MISSED (2)",
    "    refused: overloaded 3",
    "open            –    31.5      60     0",
    "    refused: overloaded 3",
    "",
  ]);
});
