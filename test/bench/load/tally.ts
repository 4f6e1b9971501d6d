import { createHistogram } from "../histogram.ts";
import type { BidLoadReport, LoadShape } from "./bid-load.ts";
import { contains, type MeasuredWindow, secondsOf } from "./measured-window.ts";

/** What became of one bid, as its bidder learned it. */
export interface BidAnswer {
  readonly bidderId: string;
  readonly verdict: "accepted" | "rejected";
  readonly reason: string | undefined;
  /** From the (intended) send, and to the outcome. */
  readonly sentMs: number;
  readonly decidedMs: number;
}

/** Counts what a load run sees. */
export interface Tally {
  /** What was decided before this is known counts for no figure. */
  measureIn(window: MeasuredWindow): void;
  sent(): void;
  sendLag(lagMs: number): void;
  decided(answer: BidAnswer): void;
  refused(reason: string): void;
  pending(bidderId: string): void;
  /** The connection failed under a bid. */
  failed(message: string): void;
  connectionClosed(): void;
  update(): void;
  report(unanswered: number): BidLoadReport;
}

/**
 * The rate counts what was decided within the window: an open loop whose backlog grows does not keep its pace. An open
 * loop's latencies are those of the bids that were meant to leave in the window, however late their outcomes are.
 */
export function createTally(shape: LoadShape): Tally {
  const latencies = createHistogram();
  const sendLags = createHistogram();
  const acknowledged = new Map<string, number>();
  const unexpected = new Map<string, number>();
  const refused = new Map<string, number>();
  const failures = new Map<string, number>();
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  let window: MeasuredWindow | undefined;
  const totals = {
    measured: 0,
    sent: 0,
    accepted: 0,
    tooLow: 0,
    pending: 0,
    closedConnections: 0,
    updates: 0,
  };
  return {
    measureIn: (given) => void (window = given),
    sent: () => void totals.sent++,
    sendLag: (lagMs) => sendLags.record(lagMs),
    decided({ bidderId, verdict, reason, sentMs, decidedMs }) {
      add(acknowledged, bidderId);
      if (verdict === "rejected" && reason !== "bid_too_low") return add(unexpected, reason ?? "no reason");
      if (verdict === "accepted") totals.accepted++;
      else totals.tooLow++;
      if (window === undefined) return;
      if (contains(window, decidedMs)) totals.measured++;
      const sampledMs = shape.kind === "open" ? sentMs : decidedMs;
      if (contains(window, sampledMs)) latencies.record(decidedMs - sentMs);
    },
    refused: (reason) => add(refused, reason),
    pending(bidderId) {
      add(acknowledged, bidderId);
      totals.pending++;
    },
    failed: (message) => add(failures, message),
    connectionClosed: () => void totals.closedConnections++,
    update: () => void totals.updates++,
    report: (unanswered) => ({
      ...totals,
      measuredSeconds: window === undefined ? 0 : secondsOf(window),
      p50Ms: numberOrNull(latencies.summary().p50Ms),
      p99Ms: numberOrNull(latencies.summary().p99Ms),
      maxMs: numberOrNull(latencies.summary().maxMs),
      sendLagP99Ms: numberOrNull(sendLags.summary().p99Ms),
      unexpected: Object.fromEntries(unexpected),
      refused: Object.fromEntries(refused),
      failures: Object.fromEntries(failures),
      unanswered,
      cpuShare: cpuShareSince(cpuBefore, startedMs),
      acknowledgedByBidder: Object.fromEntries(acknowledged),
    }),
  };
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** Of one core. */
function cpuShareSince(before: NodeJS.CpuUsage, startedMs: number): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / (performance.now() - startedMs);
}

const numberOrNull = (value: number): number | null => (Number.isNaN(value) ? null : value);
