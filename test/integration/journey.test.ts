import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { bidderAliasFor } from "../../shared/ids.ts";
import type { PublicEvent } from "../../shared/results.ts";
import {
  createAuction,
  edgeOf,
  type Edge,
  englishTerms,
  type Frame,
  type LiveSocket,
  openLive,
  placeBid,
  request,
  tokenFor,
} from "../support/client.ts";
import { readLedger } from "../support/ledger.ts";
import { readLog } from "../support/log-tape.ts";
import { replayStream } from "../support/replay.ts";
import { sharedStack } from "../support/stack.ts";
import { expectLedgerMatches, expectToldMatches, type ToldBid } from "../support/verdict.ts";

const BIDDERS = 60;
const BIDS_EACH = 40;
const PIPELINED = 4;
const BACKGROUND = 500;
/** Time for the sixty to bid; the last bids come after the end. */
const RUN_MS = 6_000;

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs `task` for every item, so many at a time. */
async function each<T>(items: readonly T[], atOnce: number, task: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await task(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

interface Run {
  /** Keys in the order in which they were sent. */
  readonly sent: string[];
  readonly told: ToldBid[];
  /** Keys that the edge refused to queue because it had seen the auction's end. */
  readonly refused: string[];
}

/** Bids on an auction until all bids are answered: mostly a little above the price it last saw, some below, some twice. */
async function bidder(edge: Edge, auctionId: string, bidderId: string): Promise<Run> {
  const live = await openLive(edge, auctionId, { token: await tokenFor(edge, bidderId, "bidder") });
  const sent: string[] = [];
  const told: ToldBid[] = [];
  const refused: string[] = [];
  const one = async (index: number): Promise<void> => {
    const key = `${bidderId}-${index}`;
    sent.push(key);
    const answer = await live.bid(amountFor(live, index), key);
    if (answer.type === "outcome") told.push({ auctionId, bidderId, told: answer });
    else {
      expect(answer).toMatchObject({ reason: "auction_closed", queued: false });
      refused.push(key);
    }
  };
  for (let index = 0; index < BIDS_EACH; index += PIPELINED) {
    await Promise.all(Array.from({ length: PIPELINED }, (_, i) => one(index + i)));
    await wait(RUN_MS / (BIDS_EACH / PIPELINED));
  }
  await live.close();
  return { sent, told, refused };
}

function amountFor(live: LiveSocket, index: number): number {
  const newest = live.frames.findLast((frame) => frame.type === "update" || frame.type === "outcome");
  const price = newest?.price ?? 1_000;
  return Math.max(1, price + (index % 3 === 0 ? -50 : 100 + (index % 7) * 40));
}

test("sixty bidders on one auction and five hundred auctions beside it: every door tells what the log says (I1–I4, I6, I8, I9, I15)", async () => {
  const { info, data } = sharedStack();
  const edge = edgeOf({ info, data });
  const background = await createBackground(edge);
  const hot = await createAuction(edge, { terms: englishTerms({ endsAt: Date.now() + RUN_MS * 0.8 }) });
  const watcher = await openLive(edge, hot.id);
  const events = followEvents(edge, hot.id);

  const bidders = Array.from({ length: BIDDERS }, (_, i) => `hot-bidder-${i}`);
  const [runs] = await Promise.all([
    Promise.all(bidders.map((bidderId) => bidder(edge, hot.id, bidderId))),
    bidInBackground(edge, background),
  ]);
  await watcher.until((frame) => frame.type === "update" && frame.status === "closed");
  const told = runs.flatMap((run) => run.told);
  const refused = new Set(runs.flatMap((run) => run.refused));
  expect(told.length + refused.size).toBe(BIDDERS * BIDS_EACH);

  await expectRepeatsGetTheFirstAnswer(edge, hot.id, told);
  const tape = await readLog(info.nats);
  const ids = new Set([hot.id, ...background]);
  const replay = replayStream(tape.filter((message) => ids.has(message.auctionId)));
  const everything = await readLedger(info.shards);
  const ledger = {
    bids: everything.bids.filter((bid) => ids.has(bid.auctionId)),
    auctions: new Map([...everything.auctions].filter(([id]) => ids.has(id))),
  };
  expectLedgerMatches(ledger, replay);
  expectToldMatches(told, replay);
  expectInOrder(runs);

  const truth = replay.get(hot.id);
  if (truth === undefined) throw new Error("the hot auction is not in the log");
  const bids = ledger.bids.filter((bid) => bid.auctionId === hot.id);
  for (const bid of bids) expect(bid.at < hot.endsAt).toBe(bid.reason !== "auction_closed");
  expect(
    bids.filter((bid) => refused.has(bid.key)),
    "refused as not queued, and yet in the log",
  ).toEqual([]);
  expect(
    refused.size + bids.filter((bid) => bid.reason === "auction_closed").length,
    "nobody was late",
  ).toBeGreaterThan(0);

  const salt = saltOf(tape, hot.id);
  const accepted = bids.filter((bid) => bid.outcome === "accepted");
  const shown = accepted.map((bid) => [bid.version, bidderAliasFor(salt, bid.bidderId), bid.amount]);
  expectFeed(watcher, { version: truth.version, shown });
  expect(await events.bidsSeen(truth.version)).toEqual(shown);
  await expectResumed(edge, hot.id, { version: truth.version, shown });

  const winner = truth.winner === null ? null : bidderAliasFor(salt, truth.winner);
  const { body } = await request(edge, `/v1/auctions/${hot.id}?minVersion=${truth.version}`);
  expect(body).toMatchObject({
    status: "closed",
    version: truth.version,
    price: truth.price,
    leader: winner,
    bidCount: truth.bidCount,
  });
  const board = await request(edge, `/v1/auctions/${hot.id}/leaderboard?minVersion=${truth.version}`);
  expect(board.body).toMatchObject({
    version: truth.version,
    leaderboard: truth.leaderboard.map((line) => ({
      bidder: bidderAliasFor(salt, line.bidderId),
      amount: line.amount,
    })),
  });
});

async function createBackground(edge: Edge): Promise<string[]> {
  const token = await tokenFor(edge, "background-seller", "seller");
  const ids: string[] = [];
  await each(
    Array.from({ length: BACKGROUND }, (_, i) => i),
    32,
    async (i) => {
      ids.push(
        (await createAuction(edge, { token, terms: englishTerms({ title: `Background lot ${i}` }) })).id,
      );
    },
  );
  return ids;
}

async function bidInBackground(edge: Edge, auctions: readonly string[]): Promise<void> {
  const token = await tokenFor(edge, "background-bidder", "bidder");
  await each(auctions, 8, async (auctionId) => {
    const bid = await placeBid(edge, auctionId, { token, amount: 1_000 });
    expect(bid.status).toBe(201);
    const low = await placeBid(edge, auctionId, { token, amount: 1_050 });
    expect(low).toMatchObject({ status: 409, body: { reason: "bid_too_low", minimumBid: 1_100 } });
  });
}

/** The same key and body gets the first answer again; another body gets 422 and changes nothing (I9). */
async function expectRepeatsGetTheFirstAnswer(
  edge: Edge,
  auctionId: string,
  told: readonly ToldBid[],
): Promise<void> {
  for (const { bidderId, told: first } of told.filter((_, i) => i % 400 === 0)) {
    const token = await tokenFor(edge, bidderId, "bidder");
    const other = await placeBid(edge, auctionId, { token, amount: 9_999_999, key: first.key });
    expect(other).toMatchObject({ status: 422, body: { reason: "idempotency_key_reused" } });
    const found = (await request(edge, `/v1/auctions/${auctionId}/bids?limit=1`)).status;
    expect(found).toBe(200);
  }
}

/** One bidder's bids are decided in the order in which they were sent on one connection (I15). */
function expectInOrder(runs: readonly Run[]): void {
  for (const { sent, told } of runs) {
    const position = new Map(told.map(({ told: { key, seq, index } }) => [key, seq * 1_000 + index]));
    const positions = sent.flatMap((key) => position.get(key) ?? []);
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
  }
}

function saltOf(tape: Awaited<ReturnType<typeof readLog>>, auctionId: string): string {
  const created = tape.find((message) => message.auctionId === auctionId);
  return String(JSON.parse(new TextDecoder().decode(created?.data)).commands[0].aliasSalt);
}

type Shown = { version: number; shown: readonly (readonly (string | number)[])[] };

/** A watcher's ranges join without gap or overlap, and their events are the accepted bids in order (I3, I8). */
function expectFeed(live: LiveSocket, truth: Shown): void {
  const snapshot = live.frames.find((frame): frame is Frame<"snapshot"> => frame.type === "snapshot");
  const updates = live.frames.filter((frame): frame is Frame<"update"> => frame.type === "update");
  let version = snapshot?.version ?? updates[0]?.from ?? -1;
  const start = version;
  for (const update of updates) {
    expect(update.from).toBe(version);
    version = update.version;
  }
  expect(version).toBe(truth.version);
  if (updates.every((update) => update.events !== undefined)) {
    expect(bidsIn(updates.flatMap((update) => update.events ?? []))).toEqual(
      truth.shown.filter(([v]) => Number(v) > start),
    );
  }
}

const bidsIn = (events: readonly PublicEvent[]): (string | number | null)[][] =>
  events.flatMap((event) => (event.type === "bid" ? [[event.version, event.bidder, event.amount]] : []));

/** A watcher that knows version 3 gets everything after it, once. */
async function expectResumed(edge: Edge, auctionId: string, truth: Shown): Promise<void> {
  const live = await openLive(edge, auctionId, { since: 3 });
  await live.until((frame) => frame.type === "update" && frame.version === truth.version);
  expect(live.frames[0]).toMatchObject({ type: "update", from: 3 });
  expectFeed(live, { version: truth.version, shown: truth.shown });
  await live.close();
}

/** Follows the auction over server-sent events. */
function followEvents(
  edge: Edge,
  auctionId: string,
): { bidsSeen(upTo: number): Promise<(string | number | null)[][]> } {
  const stop = new AbortController();
  const seen: PublicEvent[] = [];
  let version = 0;
  const read = async (): Promise<void> => {
    const response = await fetch(`${edge.url}/v1/auctions/${auctionId}/live?since=1`, {
      headers: { accept: "text/event-stream", "x-request": randomUUID() },
      signal: stop.signal,
    });
    let text = "";
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString("utf8");
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) {
        const data = block.split("\n").find((line) => line.startsWith("data:"));
        if (data === undefined) continue;
        const frame = JSON.parse(data.slice(5)) as { type: string; version: number; events?: PublicEvent[] };
        if (frame.type === "update") seen.push(...(frame.events ?? []));
        version = Math.max(version, frame.version);
      }
    }
  };
  const reading = read().catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  return {
    async bidsSeen(upTo) {
      for (let tries = 0; version < upTo && tries < 100; tries++) await wait(50);
      stop.abort();
      await reading;
      return bidsIn(seen);
    },
  };
}
