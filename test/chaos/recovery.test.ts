import { expect, test } from "vitest";
import type { DoneFault } from "./faults.ts";
import { recoveryMeter } from "./recovery.ts";
import type { ToldCommand } from "./told.ts";

const fault = (kind: DoneFault["kind"], injectedMs: number, restoredMs: number): DoneFault => ({
  kind,
  number: 0,
  downMs: restoredMs - injectedMs,
  injectedMs,
  restoredMs,
  beside: null,
});

/** An auction whose clients were answered at these times. */
const answeredAt = (...times: number[]): ToldCommand[] =>
  times.map((gotMs, i) => ({
    kind: "bid",
    actorId: "alice",
    key: `bid-${i}`,
    firstSentMs: gotMs - 10,
    sends: [["socket", i]],
    acks: [],
    answers: [{ door: "socket", gotMs, outcome: "accepted", seq: i + 1, index: 0, at: gotMs }],
  }));

test("the pause after a core's kill is the longest of all auctions', from the kill on", () => {
  const meter = recoveryMeter([fault("core-kill", 1_000, 4_000)]);
  meter.add(answeredAt(900, 1_100, 1_200));
  meter.add(answeredAt(950, 3_300, 3_400));
  expect(meter.report()).toMatchObject([{ kind: "core-kill", measured: 1, maxMs: 2_300, targetMs: 3_000 }]);
});

test("the pause after a server's kill counts from when it serves again", () => {
  const meter = recoveryMeter([fault("nats-kill", 1_000, 4_000)]);
  meter.add(answeredAt(900, 4_700));
  expect(meter.report()).toMatchObject([{ maxMs: 700, targetMs: 10_000 }]);
});

test("an auction that was not bid on says nothing of the fault", () => {
  const meter = recoveryMeter([fault("nats-kill", 1_000, 4_000)]);
  meter.add(answeredAt(800, 900));
  meter.add(answeredAt(5_000, 5_100));
  expect(meter.report()).toMatchObject([{ faults: 1, measured: 0, maxMs: null }]);
});

test("an auction that was created amid the fault, and bid on when it was over, says nothing of it either", () => {
  const meter = recoveryMeter([fault("core-kill", 1_000, 4_000)]);
  const [creation] = answeredAt(3_000);
  if (creation === undefined) throw new Error("nothing was created");
  meter.add([{ ...creation, kind: "create", firstSentMs: 990 }, ...answeredAt(5_000, 5_100)]);
  expect(meter.report()).toMatchObject([{ measured: 0 }]);
});

test("a pause that reaches into the next fault is no figure, and is told as unfinished", () => {
  const meter = recoveryMeter([fault("nats-kill", 1_000, 2_000), fault("redis-kill", 6_000, 7_000)]);
  meter.add(answeredAt(900, 8_000));
  const [nats] = meter.report();
  expect(nats).toMatchObject({ kind: "nats-kill", measured: 0, unfinished: 1, unfinishedMs: 4_000 });
});
