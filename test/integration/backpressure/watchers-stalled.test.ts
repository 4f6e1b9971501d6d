import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { ServerFrame } from "../../../shared/frames.ts";
import { createAuction, edgeOf, openLive, type Edge } from "../../support/client.ts";
import { sharedStack } from "../../support/stack.ts";
import { edgeCounter } from "./edge-counter.ts";
import { eventually } from "../../support/eventually.ts";
import { expectNothingLost } from "./expect-nothing-lost.ts";
import { expectUnimpressed, latenciesOf, report, type Latencies } from "./latencies.ts";
import { residentMb } from "./processes.ts";
import { startSteadyBidders, type SteadyBidders } from "./steady-bidders.ts";
import { openWatcher, type Watcher } from "./watcher.ts";

const WATCHERS = 18;
const STALLED = 2;
/** While they are stalled: a few megabytes are theirs (`MAX_UNSENT_BYTES`), the rest is what a busy isolate varies by. */
const EDGE_MAY_GROW_MB = 80;
/** The kernel takes four megabytes for a socket that nobody reads; refusals fill that faster than a feed does. */
const REFUSED_AT_FIRST = 24_000;
const REFUSED_AT_ONCE = 100;
const MAX_REFUSED = 60_000;
/** A bid without a token: the answer is as long as the question. */
const REFUSED_BID = JSON.stringify({ type: "bid", key: "k".repeat(64), amount: Number.MAX_SAFE_INTEGER });
/** The gateway has worked off the first ones when its bidders are answered as usual. */
const CALM_MS = 150;
/** `STALLED_AFTER_MS` is ten seconds, looked at once a second. */
const CLOSED_WITHIN_MS = 16_000;

test("watchers who stop reading cost the others nothing, are closed with a reason, and resume without a gap (I8, I12)", async () => {
  const stack = sharedStack();
  const edge = edgeOf(stack);
  const auction = await createAuction(edge);
  const watchers = await Promise.all(Array.from({ length: WATCHERS }, () => openWatcher(edge, auction.id)));
  const stalled = await Promise.all(Array.from({ length: STALLED }, () => openWatcher(edge, auction.id)));
  for (const { socket } of stalled) socket.pause();
  const steady = await startSteadyBidders(edge, auction.id);
  const bidsBefore = await steady.measure(2_000);
  const feedBefore = feedLatencies(steady, watchers, 0);
  const edgeBeforeMb = residentMb(stack.info.pids.edge);

  const behindAlready = await edgeCounter(edge, "watchers_fallen_behind");
  const closedAlready = await edgeCounter(edge, "watchers_closed_stalled");
  await fillSockets(edge, { stalled, steady, behindAlready });
  const edgeFilledMb = residentMb(stack.info.pids.edge);
  const fromBid = steady.sent.length;
  const bidsDuring = await steady.measure(2_000);
  const feedDuring = feedLatencies(steady, watchers, fromBid);
  const closed = await eventually(
    () => edgeCounter(edge, "watchers_closed_stalled"),
    (count) => count >= closedAlready + STALLED,
    CLOSED_WITHIN_MS,
  );
  const edgeDuringMb = residentMb(stack.info.pids.edge);
  report("memory of the edge", { beforeMb: edgeBeforeMb, filledMb: edgeFilledMb, duringMb: edgeDuringMb });
  expect(closed - closedAlready).toBe(STALLED);
  expectUnimpressed("bidders beside stalled watchers", { before: bidsBefore, during: bidsDuring });
  expectUnimpressed("watchers beside stalled watchers", { before: feedBefore, during: feedDuring });
  expect(edgeDuringMb - edgeFilledMb).toBeLessThan(EDGE_MAY_GROW_MB);

  await steady.stop();
  const last = Math.max(...steady.sent.map(({ version }) => version));
  for (const watcher of stalled) {
    watcher.socket.resume();
    expect(await watcher.closed).toMatchObject({ code: 1013, reason: expect.stringContaining("since") });
    const missedFrom = expectUnbroken(framesOf(watcher));
    expect(missedFrom).toBeLessThan(last);
    const resumed = await openLive(edge, auction.id, { since: missedFrom });
    await resumed.until((frame) => "version" in frame && frame.version >= last);
    expect(resumed.frames[0]).toMatchObject({ type: "update", from: missedFrom });
    expectUnbroken(resumed.frames);
    await resumed.close();
  }
  for (const watcher of watchers) expectUnbroken(framesOf(watcher));
  for (const { socket } of watchers) socket.close();
  await expectNothingLost(stack.info, { auctionIds: [auction.id], told: steady.told });
});

/** Until the gateway sees that all of them are behind; it looks once a second, so that the last part is filled slowly. */
async function fillSockets(
  edge: Edge,
  {
    stalled,
    steady,
    behindAlready,
  }: { stalled: readonly Watcher[]; steady: SteadyBidders; behindAlready: number },
): Promise<void> {
  const fill = (count: number): void => {
    for (const { socket } of stalled) for (let i = 0; i < count; i++) socket.send(REFUSED_BID);
  };
  fill(REFUSED_AT_FIRST);
  await eventually(
    () => steady.measure(300),
    ({ count, p50Ms }) => count > 0 && p50Ms < CALM_MS,
  );
  for (let sent = REFUSED_AT_FIRST; sent < MAX_REFUSED; sent += REFUSED_AT_ONCE) {
    fill(REFUSED_AT_ONCE);
    await sleep(50);
    if ((await edgeCounter(edge, "watchers_fallen_behind")) >= behindAlready + stalled.length) return;
  }
  throw new Error("the stalled sockets took everything");
}

/** From a bid's leaving until each watcher had its version. */
function feedLatencies(steady: SteadyBidders, watchers: readonly Watcher[], fromBid: number): Latencies {
  const samples: number[] = [];
  for (const { told } of watchers) {
    let at = 0;
    for (const bid of steady.sent.slice(fromBid).sort((a, b) => a.version - b.version)) {
      while (at < told.length && (told[at]?.frame.version ?? 0) < bid.version) at++;
      const arrival = told[at];
      if (arrival !== undefined) samples.push(arrival.atMs - bid.sentMs);
    }
  }
  return latenciesOf(samples);
}

const framesOf = ({ told }: Watcher): ServerFrame[] => told.map(({ frame }) => frame);

/** Every version after the first frame's lies in exactly one range. Returns the last one. */
function expectUnbroken(frames: readonly ServerFrame[]): number {
  let version: number | undefined;
  for (const frame of frames) {
    if (frame.type !== "snapshot" && frame.type !== "update") continue;
    if (frame.type === "update" && version !== undefined) expect(frame.from).toBe(version);
    version = frame.version;
  }
  return version ?? 0;
}
