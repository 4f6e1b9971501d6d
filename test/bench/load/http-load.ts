import { setTimeout as sleep } from "node:timers/promises";
import { bidLadder } from "../bid-mix.ts";
import { evenPace } from "../pace.ts";
import { type BidLoadJob, bidLoadJobSchema, type BidLoadReport, type LoadBidder } from "./bid-load.ts";
import { bidKey } from "./bidder-socket.ts";
import { runJob } from "./job.ts";
import { contains, drained, type MeasuredWindow, windowFromNow } from "./measured-window.ts";
import { createTally, type Tally } from "./tally.ts";

const PAUSE_AFTER_REFUSAL_MS = 20;
const OPEN_LOOP_TICK_MS = 1;

/** The edge answers within its own wait of 2 s; a request that takes this long is lost. */
const REQUEST_TIMEOUT_MS = 8_000;

/** Above it, due bids wait in the generator, on their own intended clock: sockets are not unlimited. */
const MOST_IN_FLIGHT = 512;

/** What a bid's reply may say; the edge's problems have a `reason` and, when the log decided, the outcome's fields. */
interface BidReply {
  readonly seq?: number;
  readonly reason?: string;
}

interface Run {
  readonly job: BidLoadJob;
  readonly tally: Tally;
  readonly window: MeasuredWindow;
  readonly ladder: ReturnType<typeof bidLadder>;
  inFlight: number;
  made: number;
  failed: number;
}

await runJob(bidLoadJobSchema, async (job): Promise<BidLoadReport> => {
  const window = windowFromNow(job);
  const tally = createTally(job.shape);
  tally.measureIn(window);
  const run: Run = {
    job,
    tally,
    window,
    ladder: bidLadder(),
    inFlight: 0,
    made: 0,
    failed: 0,
  };
  if (job.shape.kind === "closed") await closedLoop(run, job.shape.inFlightPerBidder);
  else await openLoop(run, job.shape.ratePerSecond);
  await drained(() => run.inFlight, job.drainSeconds);
  return tally.report(run.inFlight + run.failed);
});

/** One keep-alive connection for each bid in flight: a loop never has more than one request open. */
async function closedLoop(run: Run, inFlightPerBidder: number): Promise<void> {
  const loops = run.job.bidders.flatMap((bidder) => Array.from({ length: inFlightPerBidder }, () => bidder));
  await Promise.all(
    loops.map(async (bidder) => {
      while (performance.now() < run.window.endMs) {
        const decided = await postBid(run, bidder, performance.now());
        if (!decided) await sleep(PAUSE_AFTER_REFUSAL_MS);
      }
    }),
  );
}

async function openLoop(run: Run, ratePerSecond: number): Promise<void> {
  const { job, tally, window } = run;
  const seconds = job.warmUpSeconds + job.measureSeconds;
  const pace = evenPace({ startMs: window.endMs - seconds * 1_000, ratePerSecond, seconds });
  const deadlineMs = window.endMs + job.drainSeconds * 1_000;
  let sent = 0;
  while (sent < pace.total && performance.now() < deadlineMs) {
    const nowMs = performance.now();
    for (const due = pace.dueBy(nowMs); sent < due && run.inFlight < MOST_IN_FLIGHT; sent++) {
      const bidder = job.bidders[sent % job.bidders.length];
      if (bidder === undefined) continue;
      const intendedMs = pace.intendedMs(sent);
      if (contains(window, intendedMs)) tally.sendLag(nowMs - intendedMs);
      void postBid(run, bidder, intendedMs);
    }
    await sleep(OPEN_LOOP_TICK_MS);
  }
}

/** Posts one bid and tallies its answer; true when the log decided it. Never throws: a failed request is an unanswered bid. */
async function postBid(run: Run, bidder: LoadBidder, sentMs: number): Promise<boolean> {
  const { tally } = run;
  const key = bidKey(run.made++);
  tally.sent();
  run.inFlight++;
  try {
    const response = await fetch(`${run.job.edgeUrl}/v1/auctions/${bidder.auctionId}/bids`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${bidder.token}`,
        "content-type": "application/json",
        "idempotency-key": key,
      },
      body: JSON.stringify({ amount: run.ladder.nextAmount() }),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const reply = (await response.json()) as BidReply;
    return answered(run, bidder, { status: response.status, reply, sentMs });
  } catch (error) {
    run.failed++;
    run.tally.failed(error instanceof Error ? error.message : String(error));
    return false;
  } finally {
    run.inFlight--;
  }
}

function answered(
  run: Run,
  bidder: LoadBidder,
  answer: { status: number; reply: BidReply; sentMs: number },
): boolean {
  const { status, reply, sentMs } = answer;
  if (reply.seq !== undefined && (status === 201 || status === 409)) {
    run.tally.decided({
      bidderId: bidder.bidderId,
      verdict: status === 201 ? "accepted" : "rejected",
      reason: reply.reason,
      sentMs,
      decidedMs: performance.now(),
    });
    return true;
  }
  if (status === 202) run.tally.pending(bidder.bidderId);
  else run.tally.refused(reply.reason ?? `status ${status}`);
  return false;
}
