import { setTimeout as sleep } from "node:timers/promises";
import { type BidLadder, bidLadder } from "../bid-mix.ts";
import { evenPace } from "../pace.ts";
import { type BidLoadJob, bidLoadJobSchema, type BidLoadReport } from "./bid-load.ts";
import { type BidderSocket, type BidderSocketHandlers, openBidderSocket } from "./bidder-socket.ts";
import { runJob } from "./job.ts";
import { contains, drained, type MeasuredWindow, windowFromNow } from "./measured-window.ts";
import { createTally, type Tally } from "./tally.ts";

/** Handshakes at the same time: the edge verifies a token in each. */
const OPENING_AT_ONCE = 32;

/** After a refusal for load a socket pauses: a closed loop against an edge that sheds would only heat the machine. */
const PAUSE_AFTER_REFUSAL_MS = 20;

/** The open loop looks at its clock this often; what it sends late shows in `sendLagP99Ms`. */
const OPEN_LOOP_TICK_MS = 1;

interface Run {
  readonly job: BidLoadJob;
  readonly tally: Tally;
  readonly window: MeasuredWindow;
  readonly sockets: readonly BidderSocket[];
}

/** What a socket's outcome sets off; the closed loop sends its next bid. */
interface Listeners {
  onFree: (socket: BidderSocket) => void;
}

await runJob(bidLoadJobSchema, async (job): Promise<BidLoadReport> => {
  const tally = createTally(job.shape);
  const listeners: Listeners = { onFree: () => {} };
  const sockets = await openAll(job, {
    onOutcome(socket, frame, sentMs) {
      tally.decided({
        bidderId: socket.bidder.bidderId,
        verdict: frame.outcome,
        reason: frame.reason,
        sentMs,
        decidedMs: performance.now(),
      });
      listeners.onFree(socket);
    },
    onRefused(socket, frame) {
      tally.refused(frame.reason);
      // Too low already at the edge: the bidder simply offers more.
      const pauseMs =
        frame.reason === "bid_too_low" ? 0 : Math.max(frame.retryAfterMs ?? 0, PAUSE_AFTER_REFUSAL_MS);
      setTimeout(() => listeners.onFree(socket), pauseMs);
    },
    onUpdate: () => tally.update(),
    onClosed: () => tally.connectionClosed(),
  });
  const window = windowFromNow(job);
  tally.measureIn(window);
  const run = { job, tally, window, sockets };
  if (job.shape.kind === "closed") await closedLoop(run, job.shape.inFlightPerBidder, listeners);
  else await openLoop(run, job.shape.ratePerSecond);
  const outstanding = (): number => sockets.reduce((sum, socket) => sum + socket.outstanding, 0);
  await drained(outstanding, job.drainSeconds);
  const report = tally.report(outstanding());
  for (const socket of sockets) socket.close();
  return report;
});

async function openAll(job: BidLoadJob, handlers: BidderSocketHandlers): Promise<BidderSocket[]> {
  const sockets: BidderSocket[] = [];
  for (let start = 0; start < job.bidders.length; start += OPENING_AT_ONCE) {
    const some = job.bidders.slice(start, start + OPENING_AT_ONCE);
    sockets.push(
      ...(await Promise.all(some.map((bidder) => openBidderSocket(job.edgeUrl, bidder, handlers)))),
    );
  }
  return sockets;
}

/** Every outcome lets its socket send the next bid, until the window ends. */
async function closedLoop(run: Run, inFlightPerBidder: number, listeners: Listeners): Promise<void> {
  const nextAmount = amountsByAuction();
  const bid = (socket: BidderSocket): void => {
    const nowMs = performance.now();
    if (nowMs >= run.window.endMs || !socket.isOpen) return;
    run.tally.sent();
    socket.bid(nextAmount(socket.bidder.auctionId), nowMs);
  };
  listeners.onFree = bid;
  for (const socket of run.sockets) for (let i = 0; i < inFlightPerBidder; i++) bid(socket);
  await sleep(run.window.endMs - performance.now());
}

/** Bids leave on time whatever comes back, from the sockets in turn. */
async function openLoop({ job, tally, window, sockets }: Run, ratePerSecond: number): Promise<void> {
  const nextAmount = amountsByAuction();
  const seconds = job.warmUpSeconds + job.measureSeconds;
  const pace = evenPace({ startMs: window.endMs - seconds * 1_000, ratePerSecond, seconds });
  let made = 0;
  while (made < pace.total) {
    const nowMs = performance.now();
    for (const due = pace.dueBy(nowMs); made < due; made++) {
      const socket = sockets[made % sockets.length];
      if (socket === undefined || !socket.isOpen) continue;
      const intendedMs = pace.intendedMs(made);
      tally.sent();
      if (contains(window, intendedMs)) tally.sendLag(nowMs - intendedMs);
      socket.bid(nextAmount(socket.bidder.auctionId), intendedMs);
    }
    await sleep(OPEN_LOOP_TICK_MS);
  }
}

function amountsByAuction(): (auctionId: string) => number {
  const ladders = new Map<string, BidLadder>();
  return (auctionId) => {
    const ladder = ladders.get(auctionId) ?? bidLadder();
    ladders.set(auctionId, ladder);
    return ladder.nextAmount();
  };
}
