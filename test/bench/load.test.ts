import { afterEach, describe, expect, test } from "vitest";
import { runLoad } from "./child.ts";
import { type BidLoadReport, bidLoadReportSchema, type LoadShape } from "./load/bid-load.ts";
import { STALL_MS, startStubEdge, type StubBehaviour, type StubEdge } from "./stub-edge.ts";

/** Starting Bun, its warm-up and its drain; the loads themselves run for well under a second. */
const TIMEOUT_MS = 20_000;

const BIDDERS = 4;
let edge: StubEdge | undefined;
afterEach(async () => edge?.close());

async function loadOn(
  script: "websocket-load.ts" | "http-load.ts",
  behave: StubBehaviour,
  shape: LoadShape = { kind: "closed", inFlightPerBidder: 2 },
): Promise<BidLoadReport> {
  edge = await startStubEdge(behave);
  const bidders = Array.from({ length: BIDDERS }, (_, i) => ({
    bidderId: `bidder-${i}`,
    token: "t",
    auctionId: "lot",
  }));
  const job = { edgeUrl: edge.url, bidders, shape, warmUpSeconds: 0.2, measureSeconds: 0.6, drainSeconds: 1 };
  return runLoad({ script, job, report: bidLoadReportSchema }, new AbortController().signal);
}

const everyTenth = (one: ReturnType<StubBehaviour>, others: ReturnType<StubBehaviour>): StubBehaviour => {
  let seen = 0;
  return () => (seen++ % 10 === 9 ? one : others);
};

describe.each(["websocket-load.ts", "http-load.ts"] as const)("%s", (script) => {
  test(
    "every bid that was answered is counted once, and only those of the window are measured",
    { timeout: TIMEOUT_MS },
    async () => {
      const report = await loadOn(script, everyTenth("too_low", "accept"));
      expect(report.sent).toBe(edge?.bids());
      expect(report.accepted + report.tooLow).toBe(report.sent);
      expect(report.tooLow).toBe(Math.floor(report.sent / 10));
      expect(report.measured).toBeGreaterThan(0);
      expect(report.measured).toBeLessThan(report.sent);
      expect(Object.values(report.acknowledgedByBidder).reduce((a, b) => a + b)).toBe(report.sent);
      expect(report).toMatchObject({ unanswered: 0, refused: {}, unexpected: {}, closedConnections: 0 });
    },
  );

  test(
    "refusals and unexpected outcomes are named, and are no throughput",
    { timeout: TIMEOUT_MS },
    async () => {
      const refusing = await loadOn(script, () => "refuse");
      expect(refusing).toMatchObject({ measured: 0, p99Ms: null, unanswered: 0, acknowledgedByBidder: {} });
      expect(refusing.refused).toEqual({ overloaded: refusing.sent });
      await edge?.close();
      const closed = await loadOn(script, () => "close_auction");
      expect(closed.measured).toBe(0);
      expect(closed.unexpected).toEqual({ auction_closed: closed.sent });
    },
  );

  test(
    "an open loop sends on time whatever comes back, and late outcomes show in its percentiles",
    { timeout: TIMEOUT_MS },
    async () => {
      const report = await loadOn(script, everyTenth("stall", "accept"), {
        kind: "open",
        ratePerSecond: 200,
      });
      expect(report.sent).toBe(160);
      // Three quarters of them were meant for the window; of those that stall, some end after it.
      expect(report.measured).toBeGreaterThan(100);
      expect(report.measured).toBeLessThanOrEqual(125);
      expect(report.p99Ms).toBeGreaterThanOrEqual(STALL_MS);
    },
  );

  test(
    "an open loop whose outcomes come too late has not kept its pace",
    { timeout: TIMEOUT_MS },
    async () => {
      const report = await loadOn(script, () => "stall", { kind: "open", ratePerSecond: 200 });
      expect(report).toMatchObject({ sent: 160, unanswered: 0 });
      // What leaves in the first half second comes back within the window, the rest after it.
      expect(report.measured).toBeGreaterThan(0);
      expect(report.measured).toBeLessThanOrEqual(102);
    },
  );
});

test("a bid whose outcome never comes is reported as unanswered", { timeout: TIMEOUT_MS }, async () => {
  const report = await loadOn("websocket-load.ts", everyTenth("ignore", "accept"));
  expect(report.unanswered).toBe(BIDDERS * 2);
  expect(report.accepted).toBe(report.sent - report.unanswered);
});

test("a generator ends when the run is given up", { timeout: TIMEOUT_MS }, async () => {
  edge = await startStubEdge(() => "accept");
  const abort = new AbortController();
  const job = {
    edgeUrl: edge.url,
    bidders: [{ bidderId: "b", token: "t", auctionId: "lot" }],
    shape: { kind: "closed", inFlightPerBidder: 1 },
    warmUpSeconds: 0,
    measureSeconds: 60,
    drainSeconds: 1,
  };
  setTimeout(() => abort.abort(), 300);
  await expect(
    runLoad({ script: "websocket-load.ts", job, report: bidLoadReportSchema }, abort.signal),
  ).rejects.toThrow("SIGKILL");
});
