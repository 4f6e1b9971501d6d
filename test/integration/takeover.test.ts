import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { createAuction, edgeOf, type Edge, openLive, tokenFor } from "../support/client.ts";
import { readLedger } from "../support/ledger.ts";
import { readLog } from "../support/log-tape.ts";
import { outcomeKey, replayStream } from "../support/replay.ts";
import { useStack } from "../support/stack.ts";
import { expectLedgerMatches, expectToldMatches, type ToldBid } from "../support/verdict.ts";

const AUCTIONS = 16;
const BIDDERS_EACH = 2;
const RUN_MS = 7_000;
const KILL_AFTER_MS = 2_000;
/** Between an outcome and the next bid: some two thousand bids a second over all sockets. */
const THINK_MS = 10;

const stack = useStack({ cores: 2, onDeath: () => {} });
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Load {
  readonly told: ToldBid[];
  /** Every key that was sent, answered or not. */
  readonly sent: { auctionId: string; bidderId: string; key: string }[];
  /** By auction, when each outcome came. */
  readonly outcomesAtMs: Map<string, number[]>;
}

/** One bid after the other on one socket, until the time is over. */
async function bidUntil(
  edge: Edge,
  load: Load,
  who: { auctionId: string; bidderId: string; endMs: number },
): Promise<void> {
  const { auctionId, bidderId, endMs } = who;
  const live = await openLive(edge, auctionId, { token: await tokenFor(edge, bidderId, "bidder") });
  let amount = 1_000;
  while (Date.now() < endMs) {
    const key = randomUUID();
    load.sent.push({ auctionId, bidderId, key });
    const answer = await live.bid(amount, key);
    if (answer.type === "error") throw new Error(`refused: ${answer.reason}`);
    load.told.push({ auctionId, bidderId, told: answer });
    load.outcomesAtMs.get(auctionId)?.push(Date.now());
    amount = (answer.price ?? amount) + 100;
    await wait(THINK_MS);
  }
  await live.close();
}

async function runLoad(edge: Edge): Promise<{ load: Load; done: Promise<void> }> {
  const load: Load = { told: [], sent: [], outcomesAtMs: new Map() };
  const endMs = Date.now() + RUN_MS;
  const bidders: Promise<void>[] = [];
  for (let i = 0; i < AUCTIONS; i++) {
    const { id: auctionId } = await createAuction(edge);
    load.outcomesAtMs.set(auctionId, []);
    for (let b = 0; b < BIDDERS_EACH; b++) {
      bidders.push(bidUntil(edge, load, { auctionId, bidderId: `bidder-${i}-${b}`, endMs }));
    }
  }
  return { load, done: Promise.all(bidders).then(() => {}) };
}

async function expectNothingLost(load: Load): Promise<void> {
  const tape = await readLog(stack().info.nats);
  const ids = new Set(load.outcomesAtMs.keys());
  const replay = replayStream(tape.filter(({ auctionId }) => ids.has(auctionId)));
  const everything = await readLedger(stack().info.shards);
  const auctions = new Map([...everything.auctions].filter(([id]) => ids.has(id)));
  expectLedgerMatches({ bids: everything.bids.filter((bid) => ids.has(bid.auctionId)), auctions }, replay);
  expectToldMatches(load.told, replay);
  const unanswered = load.sent.filter(
    ({ auctionId, bidderId, key }) =>
      replay.get(auctionId)?.outcomes.has(outcomeKey("bid", bidderId, key)) !== true,
  );
  expect(unanswered, "sent bids that are in no log").toEqual([]);
  expect(load.told).toHaveLength(load.sent.length);
}

/** The longest time without an outcome that began around `fromMs`, over all auctions. */
function longestPauseMs(load: Load, fromMs: number): number {
  const pauses = [...load.outcomesAtMs.values()].map((times) => {
    const after = times.find((time) => time > fromMs) ?? Number.POSITIVE_INFINITY;
    return after - fromMs;
  });
  return Math.max(...pauses);
}

test("outcomes resume within 3 s of a core's kill -9, and nothing is lost or doubled (I1, I7)", async () => {
  const { load, done } = await runLoad(edgeOf(stack()));
  await wait(KILL_AFTER_MS);
  const killedMs = Date.now();
  await stack().core[0]?.kill("SIGKILL");
  await done;
  expect(longestPauseMs(load, killedMs)).toBeLessThanOrEqual(3_000);
  await expectNothingLost(load);
});

test("a core that joins takes its share, and one that is told to stop hands over without a gap (I1, I7)", async () => {
  const { load, done } = await runLoad(edgeOf(stack()));
  await stack().core[0]?.start();
  await wait(KILL_AFTER_MS);
  const stoppedMs = Date.now();
  await stack().core[1]?.stop();
  await done;
  expect(longestPauseMs(load, stoppedMs)).toBeLessThanOrEqual(2_000);
  await expectNothingLost(load);
});
