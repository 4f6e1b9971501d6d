import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createRefusals } from "../../../edge/link/refusals.ts";
import { counters } from "../../../edge/telemetry/counters.ts";

let lines: Record<string, unknown>[];
beforeEach(() => {
  lines = [];
  vi.spyOn(console, "error").mockImplementation((line: string) => void lines.push(JSON.parse(line)));
});
afterEach(() => vi.restoreAllMocks());

test("a full stream is named with its reason, every refusal is counted, and the log gets a line a second (I12)", () => {
  let now = 0;
  const refusals = createRefusals(() => now);
  const full = { code: 10_077, description: "maximum bytes exceeded" };
  const before = counters()["envelopes_refused_stream_full"] ?? 0;
  for (let i = 0; i < 10; i++) refusals.note("COMMANDS-0", full);
  now = 1_000;
  refusals.note("COMMANDS-0", full);
  expect(lines).toMatchObject([
    { stream: "COMMANDS-0", reason: "maximum bytes exceeded", refused: 1 },
    { stream: "COMMANDS-0", refused: 10 },
  ]);
  expect(counters()["envelopes_refused_stream_full"]).toBe(before + 11);
});
