import { expect, test } from "vitest";
import { createLog, withoutRepeats } from "../../../core/log.ts";

function collected(): { lines: string[]; log: ReturnType<typeof createLog> } {
  const lines: string[] = [];
  return { lines, log: createLog({ instance: "core-1" }, (line) => lines.push(line)) };
}

test("each event is one line of JSON with its level and the log's own fields", () => {
  const { lines, log } = collected();
  log.info("started", { slots: 64 });
  log.warn("slow\nwith a line break");
  expect(lines.every((line) => line.endsWith("\n") && line.indexOf("\n") === line.length - 1)).toBe(true);
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { level: "info", msg: "started", instance: "core-1", slots: 64 },
    { level: "warn", msg: "slow\nwith a line break", instance: "core-1" },
  ]);
});

test("an error comes with its stack, its code and what caused it", () => {
  const { lines, log } = collected();
  const cause = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
  log.error("commit failed", { error: new TypeError("no shard", { cause }) });
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    error: {
      name: "TypeError",
      message: "no shard",
      stack: expect.stringContaining("log.test.ts"),
      cause: { message: "refused", code: "ECONNREFUSED" },
    },
  });
});

test("what cannot be rendered never breaks the one that logs", () => {
  const { lines, log } = collected();
  const loop: Record<string, unknown> = {};
  loop["self"] = loop;
  const endless = new Error("ouroboros");
  endless.cause = endless;
  log.info("a loop", { loop });
  log.info("big", { seq: 2n ** 63n });
  log.error("a chain without end", { error: endless });
  expect(lines.map((line) => JSON.parse(line) as { msg: string })).toMatchObject([
    { msg: "a loop", unrenderable: expect.any(String) },
    { msg: "big", seq: "9223372036854775808" },
    { msg: "a chain without end" },
  ]);
});

test("a message that repeats is written once in a while, with the number of those left out", () => {
  const { lines, log } = collected();
  let nowMs = 0;
  const sparing = withoutRepeats(log, 1_000, () => nowMs);
  for (nowMs = 0; nowMs < 2_500; nowMs += 100) sparing.error("a query failed", { nowMs });
  sparing.error("another");
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { msg: "a query failed", nowMs: 0 },
    { msg: "a query failed", nowMs: 1_000, repeats: 9 },
    { msg: "a query failed", nowMs: 2_000, repeats: 9 },
    { msg: "another" },
  ]);
});
